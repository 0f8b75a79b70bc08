#include <algorithm>
#include <map>
#include <ostream>
#include <set>

#include "query/lineage.hpp"
#include "query/trace.hpp"

namespace trialmill::query {
namespace {

using base::Json;

class Graph {
 public:
  explicit Graph(const Lineage& lineage) : lineage_(lineage) {}

  Json of(const std::string& dataset, const std::string& variable) {
    Json out{{"name", dataset + "." + variable}};
    const Rule rule = lineage_.rule(dataset, variable);
    if (!rule.text.empty()) out["rule"] = rule.text;
    if (!rule.place.empty()) out["place"] = rule.place;
    if (!path_.insert(dataset + "." + variable).second) return out;
    for (const auto& input : rule.inputs) out["inputs"].push_back(input_of(dataset, input));
    path_.erase(dataset + "." + variable);
    return out;
  }

 private:
  Json input_of(const std::string& dataset, const std::string& input) {
    const auto dot = input.find('.');
    const std::string first = input.substr(0, dot),
                      second = dot == std::string::npos ? "" : input.substr(dot + 1);
    if (dot == std::string::npos && lineage_.has_variable(dataset, input)) return of(dataset, input);
    const auto parts = lineage_.parts_of(first);
    if (dot != std::string::npos && !parts.empty() && lineage_.has_variable(parts[0], second))
      return of(parts[0], second);
    if (first == "test" && second == "result" && lineage_.dataset(dataset).contains("entries")) {
      Json out{{"name", "unpivoted result"}};
      std::set<std::string> columns;
      for (const auto& entry : lineage_.dataset(dataset)["entries"]) {
        const std::string column = entry["column"].get<std::string>();
        if (!column.empty()) columns.insert(entry["source"].get<std::string>() + "." + column);
      }
      for (const auto& column : columns) out["inputs"].push_back({{"name", "raw." + column}});
      return out;
    }
    return {{"name", input}};
  }

  const Lineage& lineage_;
  std::set<std::string> path_;
};

void print_node(const Json& node, const std::string& indent, std::ostream& out) {
  out << indent << node["name"].get<std::string>();
  if (node.contains("rule")) out << "  " << node["rule"].get<std::string>();
  out << "\n";
  if (!node.contains("inputs")) return;
  for (const auto& input : node["inputs"]) print_node(input, indent + "  ", out);
}

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '&')
      out += "&amp;";
    else if (c == '"')
      out += "&quot;";
    else
      out += c;
  }
  return out;
}

/// Columns by distance from the variable; a name stands once, in its farthest column.
struct Picture {
  std::map<std::string, int> level;
  std::map<std::string, std::string> rule;
  std::set<std::pair<std::string, std::string>> edges;

  void add(const Json& node, int depth) {
    const std::string name = node["name"].get<std::string>();
    level[name] = std::max(level[name], depth);
    if (node.contains("rule")) rule[name] = node["rule"].get<std::string>();
    if (!node.contains("inputs")) return;
    for (const auto& input : node["inputs"]) {
      edges.emplace(input["name"].get<std::string>(), name);
      add(input, depth + 1);
    }
  }
};

}  // namespace

Json lineage_graph(const std::string& study, const std::string& variable, const std::string& environment) {
  const Lineage lineage(study, environment);
  const auto [dataset, name] = lineage.find(variable);
  return Graph(lineage).of(dataset, name);
}

void print_graph(const Json& graph, std::ostream& out) {
  print_node(graph, "", out);
}

std::string graph_svg(const Json& graph) {
  constexpr int width = 220, height = 34, gap_x = 60, gap_y = 14;
  Picture picture;
  picture.add(graph, 0);
  int deepest = 0;
  for (const auto& [name, level] : picture.level) deepest = std::max(deepest, level);
  std::map<int, int> rows;
  std::map<std::string, std::pair<int, int>> place;
  for (const auto& [name, level] : picture.level)
    place[name] = {20 + (deepest - level) * (width + gap_x), 20 + rows[level]++ * (height + gap_y)};
  int tallest = 1;
  for (const auto& [level, count] : rows) tallest = std::max(tallest, count);
  std::string out = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" +
                    std::to_string(40 + (deepest + 1) * (width + gap_x) - gap_x) + "\" height=\"" +
                    std::to_string(40 + tallest * (height + gap_y)) +
                    "\" font-family=\"sans-serif\" font-size=\"12\">\n";
  for (const auto& [from, to] : picture.edges) {
    const auto [x1, y1] = place[from];
    const auto [x2, y2] = place[to];
    out += "<line x1=\"" + std::to_string(x1 + width) + "\" y1=\"" + std::to_string(y1 + height / 2) +
           "\" x2=\"" + std::to_string(x2) + "\" y2=\"" + std::to_string(y2 + height / 2) +
           "\" stroke=\"#8593a3\"/>\n";
  }
  for (const auto& [name, at] : place) {
    const bool raw = name.starts_with("raw.");
    out += "<g><title>" + escaped(picture.rule.contains(name) ? picture.rule[name] : name) +
           "</title><rect x=\"" + std::to_string(at.first) + "\" y=\"" + std::to_string(at.second) +
           "\" width=\"" + std::to_string(width) + "\" height=\"" + std::to_string(height) +
           "\" rx=\"5\" fill=\"" + (raw ? "#f0f2f5" : "#e8effc") + "\" stroke=\"#dfe4ea\"/><text x=\"" +
           std::to_string(at.first + 10) + "\" y=\"" + std::to_string(at.second + 21) + "\">" +
           escaped(name) + "</text></g>\n";
  }
  return out + "</svg>\n";
}

}  // namespace trialmill::query
