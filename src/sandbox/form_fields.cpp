#include "sandbox/form_fields.hpp"

#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace quittance::sandbox {
namespace {

using base::Json;
using base::Result;

std::unexpected<base::Error> refused(std::string_view name) {
  return base::fail(base::ErrorCode::invalid_request,
                    "Invalid field: " + std::string(name.substr(0, 100)), std::string(name));
}

/// What a form is while it is being read.
struct Node {
  enum class Kind { unset, text, object, array } kind = Kind::unset;
  std::string text;
  std::vector<std::pair<std::string, std::unique_ptr<Node>>> members;  ///< arrays: no names
};

Json to_json(const Node& node) {
  if (node.kind == Node::Kind::text) return Json(node.text);
  if (node.kind == Node::Kind::array) {
    Json array{Json::Array{}};
    for (const auto& [name, member] : node.members)
      array.push(to_json(*member));
    return array;
  }
  Json object{Json::Object{}};
  for (const auto& [name, member] : node.members)
    object.set(name, to_json(*member));
  return object;
}

/// `a[b][]` into `a`, `b`, and an empty text.
std::optional<std::vector<std::string>> steps_of(std::string_view name) {
  std::size_t open = std::min(name.find('['), name.size());
  if (open == 0 || name.substr(0, open).find(']') != std::string_view::npos) return std::nullopt;
  std::vector<std::string> steps{std::string(name.substr(0, open))};
  while (open < name.size()) {
    const std::size_t close = name.find(']', open);
    if (name[open] != '[' || close == std::string_view::npos || steps.size() >= kFieldDepth) {
      return std::nullopt;
    }
    steps.emplace_back(name.substr(open + 1, close - open - 1));
    open = close + 1;
  }
  return steps;
}

std::optional<std::size_t> array_place(const std::string& step, std::size_t size) {
  if (step.empty()) return size;
  std::size_t place = 0;
  const auto [end, error] = std::from_chars(step.data(), step.data() + step.size(), place);
  if (error != std::errc() || end != step.data() + step.size() || place > size) return std::nullopt;
  return place;
}

bool is_place(const std::string& step) {
  return step.find_first_not_of("0123456789") == std::string::npos;
}

Node* member_of(Node& parent, const std::string& step) {
  for (const auto& [name, member] : parent.members) {
    if (name == step) return member.get();
  }
  parent.members.emplace_back(step, std::make_unique<Node>());
  return parent.members.back().second.get();
}

/// The child that `step` names, made when it is new; null when the parent is something else.
Node* child_of(Node& parent, const std::string& step) {
  const auto wanted = is_place(step) ? Node::Kind::array : Node::Kind::object;
  if (parent.kind == Node::Kind::unset) parent.kind = wanted;
  if (parent.kind == Node::Kind::text) return nullptr;
  if (parent.kind == Node::Kind::array) {
    const auto place = array_place(step, parent.members.size());
    if (!place) return nullptr;
    if (*place == parent.members.size()) parent.members.emplace_back("", std::make_unique<Node>());
    return parent.members[*place].second.get();
  }
  return member_of(parent, step);
}

}  // namespace

Result<Json> read_form_fields(std::string_view text) {
  Node root{.kind = Node::Kind::object};
  std::size_t fields = 0;
  while (!text.empty()) {
    const std::string_view pair = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(pair.size() + 1, text.size()));
    if (pair.empty()) continue;
    const auto decoded = base::parse_form(pair);
    if (!decoded || ++fields > kFieldLimit) return refused(pair);
    const auto& [name, value] = *decoded->begin();
    const auto steps = steps_of(name);
    if (!steps) return refused(name);
    Node* node = &root;
    for (const std::string& step : *steps) {
      // The root is an object whatever its members are called.
      node = node == &root ? member_of(root, step) : child_of(*node, step);
      if (node == nullptr) return refused(name);
    }
    if (node->kind != Node::Kind::unset && node->kind != Node::Kind::text) return refused(name);
    node->kind = Node::Kind::text;
    node->text = value;
  }
  return to_json(root);
}

}  // namespace quittance::sandbox
