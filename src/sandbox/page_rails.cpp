#include "sandbox/page_rails.hpp"

#include <algorithm>

#include "sandbox/html.hpp"

namespace quittance::sandbox {
namespace {

using base::ErrorCode;
using base::HttpRequest;
using base::HttpResponse;

constexpr std::string_view kPrefix = "/rails/";
constexpr std::size_t kRowsShown = 12;

RailDesk at(Desk& desk, RailRoom& room, const HttpRequest& request) {
  return desk.hall.desk(room, desk.clock.now(), desk.random, origin_of(desk, request));
}

std::string path_of(const Rail& rail, const std::string& ref) {
  return std::string(kPrefix) + std::string(rail.name) + "/" + base::url_encode(ref);
}

HttpResponse message_page(int status, std::string_view title, std::string_view text, bool good) {
  return html_response(status, Tab::home, title,
                       "<section class=\"card narrow center\"><div class=\"tick" +
                           std::string(good ? "\" aria-hidden=\"true\">✓</div>"
                                            : " bad\" aria-hidden=\"true\">!</div>") +
                           "<h1>" + escaped(title) + "</h1><p>" + escaped(text) +
                           "</p><a class=\"button\" href=\"/\">Done</a></section>");
}

/// Blanks that come along when a text is pasted.
std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

/// What a payer can do with this request: a button each, many of them as the list of banks.
std::string choice_buttons(const Rail& rail, RailDesk& desk, const std::string& ref) {
  constexpr std::size_t kFew = 6;
  std::string buttons;
  std::size_t count = 0;
  for (const Choice& choice : rail.choices) {
    if (rail.offers != nullptr && !rail.offers(desk, ref, choice)) continue;
    const bool first = count++ == 0 && rail.choices.size() <= kFew;
    buttons += "<button" + std::string(first ? "" : " class=\"quiet\"") +
               " name=\"choice\" value=\"" + escaped(choice.name) + "\">" + escaped(choice.label) +
               "</button>";
  }
  const bool few = count <= kFew;
  return std::string(few ? "" : "<h2>Choose a bank</h2>") + "<div class=\"" +
         (few ? "choices" : "banks") + "\">" + buttons + "</div>";
}

HttpResponse choices_page(const Rail& rail, RailDesk& desk, const Waiting& waiting,
                          std::string_view problem) {
  std::string content = "<section class=\"card narrow\"><h1 class=\"center\">" +
                        escaped(waiting.title) + "</h1><p class=\"price center\">" +
                        escaped(waiting.sum) + "</p><p class=\"soft center\">to " +
                        escaped(desk.settings.merchant) + " by " + escaped(rail.title) + "</p>";
  if (!problem.empty()) {
    content += "<p class=\"note bad\" role=\"alert\">" + escaped(problem) + "</p>";
  }
  content += "<form action=\"" + path_of(rail, waiting.ref) + "\" method=\"post\" data-once>" +
             "<label for=\"amount\">Another amount (empty: the one that is asked for)</label>"
             "<input id=\"amount\" name=\"amount\" inputmode=\"decimal\" autocomplete=\"off\">";
  content += choice_buttons(rail, desk, waiting.ref);
  return html_response(problem.empty() ? 200 : 409, Tab::home, waiting.title,
                       content + "</form></section>");
}

}  // namespace

std::string rail_rows(Desk& desk, const HttpRequest& request) {
  std::string html;
  for (RailRoom& room : desk.hall.rooms()) {
    RailDesk rail_desk = at(desk, room, request);
    std::size_t shown = 0;
    for (const Waiting& waiting : room.rail.waiting(rail_desk)) {
      if (++shown > kRowsShown) break;
      html += "<li><a class=\"row\" href=\"" + path_of(room.rail, waiting.ref) + "\"><span><b>" +
              escaped(waiting.title) + "</b><small>" + escaped(room.rail.title) +
              "</small></span><span class=\"sum\">" + escaped(waiting.sum) + "</span></a></li>";
    }
  }
  return html;
}

std::optional<std::string> rail_path(Desk& desk, const HttpRequest& request,
                                     std::string_view code) {
  for (RailRoom& room : desk.hall.rooms()) {
    RailDesk rail_desk = at(desk, room, request);
    const auto ref = room.rail.find(rail_desk, trimmed(code));
    if (ref) return path_of(room.rail, *ref);
  }
  return std::nullopt;
}

HttpResponse rail_page(Desk& desk, const HttpRequest& request,
                       const std::map<std::string, std::string, std::less<>>& form) {
  if (!request.path.starts_with(kPrefix)) {
    return message_page(404, "No such page", "There is no such page.", false);
  }
  const std::string_view rest = std::string_view(request.path).substr(kPrefix.size());
  const std::size_t slash = rest.find('/');
  RailRoom* room = desk.hall.find(rest.substr(0, slash));
  if (room == nullptr || slash == std::string_view::npos) {
    return message_page(404, "No such page", "There is no such rail.", false);
  }
  const std::string ref(rest.substr(slash + 1));
  RailDesk rail_desk = at(desk, *room, request);
  const auto waiting = room->rail.waiting(rail_desk);
  const auto one = std::ranges::find(waiting, ref, &Waiting::ref);
  if (one == waiting.end()) {
    return message_page(404, "Nothing waits here", "It is paid, over, or was never asked for.",
                        false);
  }
  if (request.method != "POST") return choices_page(room->rail, rail_desk, *one, "");
  Act act;
  const auto given = [&form](std::string_view name) {
    const auto found = form.find(name);
    return found == form.end() ? std::string() : found->second;
  };
  act.choice = given("choice");
  if (const std::string amount = given("amount"); !amount.empty()) act.amount = amount;
  const auto done = room->rail.act(rail_desk, ref, act);
  if (!done) return choices_page(room->rail, rail_desk, *one, done.error().message);
  const auto chosen = std::ranges::find(room->rail.choices, act.choice, &Choice::name);
  const std::string label =
      chosen == room->rail.choices.end() ? act.choice : std::string(chosen->label);
  return message_page(200, "Done", label + ": " + one->title + ", " + one->sum, true);
}

}  // namespace quittance::sandbox
