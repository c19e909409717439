#include "sandbox/page_faults.hpp"

#include "sandbox/html.hpp"

namespace quittance::sandbox {
namespace {

using base::HttpResponse;
using base::Json;

std::string number_fields(const Faults& faults) {
  std::string html = "<div class=\"knobs\">";
  for (const NumberKnob& knob : number_knobs()) {
    const std::string name(knob.name);
    html += "<div><label for=\"" + name + "\">" + escaped(knob.label) + "</label><input id=\"" +
            name + "\" name=\"" + name + "\" type=\"number\" required min=\"" +
            std::to_string(knob.least) + "\" max=\"" + std::to_string(knob.most) + "\" value=\"" +
            std::to_string(faults.*knob.field) + "\"></div>";
  }
  return html + "</div>";
}

std::string choice_fields(const Faults& faults) {
  std::string html = "<div class=\"knobs\">";
  for (const ChoiceKnob& knob : choice_knobs()) {
    const std::string name(knob.name);
    html += "<div><label for=\"" + name + "\">" + escaped(knob.label) + "</label><select id=\"" +
            name + "\" name=\"" + name + "\">";
    for (std::size_t i = 0; i < knob.words.size(); ++i) {
      html += std::string("<option") + (knob.read(faults) == i ? " selected" : "") + ">" +
              std::string(knob.words[i]) + "</option>";
    }
    html += "</select></div>";
  }
  return html + "</div>";
}

std::string switch_fields(const Faults& faults) {
  std::string html = "<div class=\"knobs\">";
  for (const SwitchKnob& knob : switch_knobs()) {
    html += "<label class=\"check\"><input type=\"checkbox\" name=\"" + std::string(knob.name) +
            "\" value=\"true\"" + (faults.*knob.field ? " checked" : "") + "> " +
            escaped(knob.label) + "</label>";
  }
  return html + "</div>";
}

std::string call_counts(const Desk& desk) {
  if (desk.calls.empty()) return "<p class=\"soft\">Nobody has asked the Open API yet.</p>";
  std::string html = "<ul class=\"rows\">";
  for (const auto& [path, count] : desk.calls) {
    html += "<li class=\"row\"><span>" + escaped(path) + "</span><span class=\"sum\">" +
            std::to_string(count) + "</span></li>";
  }
  return html + "</ul>";
}

}  // namespace

HttpResponse faults_page(const Desk& desk, int status, std::string_view problem) {
  std::string content = "<h1>What shall go wrong?</h1>";
  if (!problem.empty()) {
    content += "<p class=\"note bad\" role=\"alert\">" + escaped(problem) + "</p>";
  }
  content +=
      "<form action=\"/faults\" method=\"post\"><section class=\"card\"><h2>Payments and "
      "tokens</h2>" +
      switch_fields(desk.faults) + "</section><section class=\"card\"><h2>Numbers</h2>" +
      number_fields(desk.faults) + "</section><section class=\"card\"><h2>Dialect</h2>" +
      choice_fields(desk.faults) +
      "</section><button>Save</button></form>"
      "<section class=\"card after\"><h2>Calls of the Open API</h2>" +
      call_counts(desk) +
      "</section><form action=\"/reset\" method=\"post\" class=\"card\">"
      "<h2>Start again</h2><p class=\"soft\">Forgets every transfer, code, count and fault."
      "</p><button class=\"danger\">Reset the bank</button></form>";
  return html_response(status, Tab::faults, "Faults", content);
}

HttpResponse change_faults(Desk& desk,
                           const std::map<std::string, std::string, std::less<>>& form) {
  Json changes(Json::Object{});
  const auto given = [&form](std::string_view name) {
    const auto found = form.find(name);
    return found == form.end() ? std::string() : found->second;
  };
  for (const NumberKnob& knob : number_knobs()) {
    // Json's own reader says whether this text is a whole number.
    auto number = Json::parse(given(knob.name));
    changes.set(knob.name, number ? std::move(*number) : Json());
  }
  for (const SwitchKnob& knob : switch_knobs())
    changes.set(knob.name, form.contains(knob.name));
  for (const ChoiceKnob& knob : choice_knobs())
    changes.set(knob.name, given(knob.name));
  const auto changed = changed_faults(desk.faults, changes);
  if (!changed) return faults_page(desk, 400, changed.error().message);
  desk.faults = *changed;
  return see_other("/faults");
}

HttpResponse reset_page(Desk& desk) {
  if (const auto done = reset_at(desk); !done) return faults_page(desk, 503, done.error().message);
  return see_other("/");
}

}  // namespace quittance::sandbox
