#include "qr/qrcode.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <qrcodegen/qrcodegen.hpp>

namespace quittance::qr {
namespace {

using qrcodegen::QrCode;
using qrcodegen::QrSegment;

/// The three ways to write characters that we use, cheapest last.
enum Mode : std::size_t { kBytes, kAlphanumeric, kNumeric, kModes };

/// Versions whose segment headers have the same size; bits of mode and count, by Mode.
struct VersionRange {
  int first;
  int last;
  std::array<int, kModes> header_bits;
};
constexpr std::array kRanges{VersionRange{1, 9, {12, 13, 14}}, VersionRange{10, 26, {20, 15, 16}},
                             VersionRange{27, 40, {20, 17, 18}}};

// A character costs 8, 5 1/2 and 3 1/3 bits: sixths of a bit keep that whole.
constexpr int kSixths = 6;
constexpr std::array<int, kModes> kCharSixths{48, 33, 20};
constexpr int kNever = std::numeric_limits<int>::max() / 2;

bool fits(char c, std::size_t mode) {
  constexpr std::string_view kAlphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
  if (mode == kNumeric) return c >= '0' && c <= '9';
  return mode == kBytes || kAlphabet.contains(c);
}

/// For each character the mode of the cheapest segmentation under the headers of `range`.
std::vector<std::size_t> choose_modes(std::string_view text, const VersionRange& range) {
  std::vector<std::array<std::size_t, kModes>> came_from(text.size());
  std::array<int, kModes> cost{};
  for (std::size_t mode = 0; mode < kModes; ++mode) {
    cost[mode] = range.header_bits[mode] * kSixths;
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::array<int, kModes> next{};
    for (std::size_t mode = 0; mode < kModes; ++mode) {
      next[mode] = fits(text[i], mode) ? cost[mode] + kCharSixths[mode] : kNever;
      came_from[i][mode] = mode;
    }
    // Another mode may begin behind this character: whole bits, then a new header.
    std::array<int, kModes> after = next;
    for (std::size_t to = 0; to < kModes; ++to) {
      for (std::size_t from = 0; from < kModes; ++from) {
        const int whole = (next[from] + kSixths - 1) / kSixths * kSixths;
        const int changed = whole + range.header_bits[to] * kSixths;
        if (from != to && next[from] < kNever && changed < after[to]) {
          after[to] = changed;
          came_from[i][to] = from;
        }
      }
    }
    cost = after;
  }
  std::vector<std::size_t> modes(text.size());
  auto mode = static_cast<std::size_t>(std::ranges::min_element(cost) - cost.begin());
  for (std::size_t i = text.size(); i-- > 0;) {
    mode = came_from[i][mode];
    modes[i] = mode;
  }
  return modes;
}

QrSegment make_segment(std::string_view run, std::size_t mode) {
  const std::string text(run);
  if (mode == kNumeric) return QrSegment::makeNumeric(text.c_str());
  if (mode == kAlphanumeric) return QrSegment::makeAlphanumeric(text.c_str());
  return QrSegment::makeBytes(std::vector<std::uint8_t>(run.begin(), run.end()));
}

std::vector<QrSegment> make_segments(std::string_view text, const VersionRange& range) {
  const auto modes = choose_modes(text, range);
  std::vector<QrSegment> segments;
  for (std::size_t begin = 0; begin < text.size();) {
    std::size_t end = begin;
    while (end < text.size() && modes[end] == modes[begin])
      ++end;
    segments.push_back(make_segment(text.substr(begin, end - begin), modes[begin]));
    begin = end;
  }
  return segments;
}

QrCode::Ecc ecc_of(QrLevel level) {
  switch (level) {
    case QrLevel::low:
      return QrCode::Ecc::LOW;
    case QrLevel::medium:
      return QrCode::Ecc::MEDIUM;
    case QrLevel::quartile:
      return QrCode::Ecc::QUARTILE;
    case QrLevel::high:
      return QrCode::Ecc::HIGH;
  }
  return QrCode::Ecc::MEDIUM;
}

QrMatrix matrix_of(const QrCode& code) {
  QrMatrix matrix;
  matrix.size = code.getSize();
  for (int y = 0; y < matrix.size; ++y) {
    for (int x = 0; x < matrix.size; ++x) {
      matrix.modules.push_back(code.getModule(x, y) ? 1 : 0);
    }
  }
  return matrix;
}

/// The code in one range of versions, if the text fits there.
std::optional<QrMatrix> make_in_range(std::string_view text, QrLevel level,
                                      const VersionRange& range) {
  try {
    return matrix_of(
        QrCode::encodeSegments(make_segments(text, range), ecc_of(level), range.first, range.last));
  } catch (const qrcodegen::data_too_long&) {
    return std::nullopt;
  }
}

}  // namespace

base::Result<QrMatrix> make_qr(std::string_view text, QrLevel level) {
  if (text.empty()) {
    return base::fail(base::ErrorCode::invalid_request, "There is no text to draw.");
  }
  // Digits pack tighter than bytes, so only what no mode could hold is refused unseen.
  if (text.size() <= kMaxQrTextBytes * 8 / 3) {
    for (const VersionRange& range : kRanges) {
      if (auto matrix = make_in_range(text, level, range)) return *std::move(matrix);
    }
  }
  return base::fail(base::ErrorCode::invalid_request, "The text is too long for a QR code.");
}

std::string qr_svg(const QrMatrix& matrix) {
  const std::string side = std::to_string(matrix.size + 2 * kQuietZone);
  std::string svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + side + " " + side +
                    "\" shape-rendering=\"crispEdges\"><rect width=\"" + side + "\" height=\"" +
                    side + "\" fill=\"#fff\"/><path d=\"";
  for (int y = 0; y < matrix.size; ++y) {
    for (int x = 0; x < matrix.size;) {
      int end = x;
      while (end < matrix.size && matrix.dark(end, y))
        ++end;
      if (end > x) {
        const std::string width = std::to_string(end - x);
        svg += "M" + std::to_string(x + kQuietZone) + " " + std::to_string(y + kQuietZone) + "h" +
               width + "v1h-" + width + "z";
      }
      x = end + 1;
    }
  }
  return svg + "\" fill=\"#000\"/></svg>";
}

}  // namespace quittance::qr
