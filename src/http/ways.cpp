#include "http/ways.hpp"

#include <algorithm>

namespace quittance::http {
namespace {

constexpr std::string_view kBakong = "bakong";
constexpr std::string_view kKhqr = "khqr";

/// What English pages say; other languages have it in web/src/messages by the method's name.
constexpr WayWords kWords[] = {
    {kKhqr, "KHQR", "Scan with any banking app in Cambodia. No account with us needed.",
     "Scan with any KHQR app: Bakong, ABA, ACLEDA, Wing and others.", true},
    {"qpay", "QPay", "Scan with any banking app in Mongolia, or open it from here.",
     "Scan with any banking app in Mongolia.", true},
    {"mvola", "MVola", "Your phone in Madagascar asks you, and you approve with your PIN.",
     "Your phone asks you now."},
    {"stripe", "Stripe", "Scan with a wallet such as WeChat Pay, or pay on Stripe's page.",
     "Scan with your wallet, or open Stripe's page."},
    {"razorpay", "Razorpay", "Scan with any UPI app in India.", "Scan with any UPI app."},
    {"cash", "Cash desk", "Pay at our desk. The order waits for you.",
     "Pay at the cash desk, and say the bill number."},
};

bool may_be_phone(std::string_view text) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  return text.size() <= kPhoneMost && std::ranges::any_of(text, is_digit) &&
         std::ranges::all_of(text, [&](char c) { return is_digit(c) || c == ' ' || c == '+'; });
}

}  // namespace

std::string way_of_provider(std::string_view provider) {
  return std::string(provider == kBakong ? kKhqr : provider);
}

WayWords words_of_way(std::string_view method) {
  const auto known = std::ranges::find(kWords, method, &WayWords::method);
  if (known != std::end(kWords)) return *known;
  return {.method = method,
          .title = method,
          .text = "",
          .how = "Scan the code with the app that you pay with."};
}

std::vector<Way> all_ways(const Services& services) {
  std::vector<Way> ways;
  for (const auto& provider : services.registry.all()) {
    if (provider->name().find('-') != std::string_view::npos) continue;
    std::string method = way_of_provider(provider->name());
    ways.push_back(
        {.method = std::move(method), .provider = provider.get(), .can = provider->capabilities()});
  }
  return ways;
}

std::vector<Way> ways_for(const Services& services, core::Currency currency) {
  std::vector<Way> ways = all_ways(services);
  std::erase_if(ways, [&](const Way& way) { return !way.can.takes(currency); });
  return ways;
}

base::Result<providers::Provider*> chosen_way(const Services& services, std::string_view method,
                                              std::string_view payer_phone) {
  const std::vector<Way> ways = all_ways(services);
  const auto way = std::ranges::find(ways, method, &Way::method);
  if (way == ways.end()) {
    std::string words;
    for (const Way& each : ways)
      words += " `" + each.method + "`";
    return base::fail(base::ErrorCode::invalid_request,
                      "Choose as payment_method one of" + words + ".", "payment_method");
  }
  if (way->can.rings_phone && !may_be_phone(payer_phone)) {
    return base::fail(base::ErrorCode::invalid_request,
                      "Give the number of the phone that shall be asked.", "payer_phone");
  }
  return way->provider;
}

}  // namespace quittance::http
