#include "transform/sql_columns.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <set>

#include "base/error.hpp"
#include "base/json.hpp"
#include "base/text.hpp"

namespace trialmill::transform {

using base::Json;
using base::sql_identifier;
using base::sql_literal;

namespace {

/// A column of a table or query, and what it is made from.
struct Output {
  std::string name;
  std::set<std::string> inputs;
  std::vector<const Json*> items;  ///< its expressions in the syntax tree, one for each part of a union
};
using Outputs = std::vector<Output>;

struct Table {
  std::string alias;
  Outputs columns;
};

/// Names of common table expressions, lower case → their columns.
using Known = std::map<std::string, Outputs>;

/// Between a raw table and its column while a query is read; for users it is raw.COLUMN.
constexpr char table_end = '\n';

bool same(const std::string& a, const std::string& b) {
  return base::to_lower(a) == base::to_lower(b);
}

class QueryReader {
 public:
  explicit QueryReader(table::Session& session) : session_(session) {}

  Outputs outputs(const Json& node, Known known) {
    if (node.contains("cte_map")) {
      for (const auto& one : node["cte_map"]["map"])
        known[base::to_lower(one["key"].get<std::string>())] = outputs(one["value"]["query"]["node"], known);
    }
    const std::string type = node.value("type", "");
    if (type == "SET_OPERATION_NODE") return united(node, known);
    if (type != "SELECT_NODE") return {};
    std::vector<Table> tables;
    if (node.contains("from_table")) add_tables(node["from_table"], known, tables);
    Outputs out;
    for (const auto& item : node["select_list"]) {
      if (item.value("class", "") == "STAR")
        add_star(item, tables, out);
      else
        out.push_back({name_of(item), inputs_of(item, tables, known), {&item}});
    }
    return out;
  }

 private:
  Outputs united(const Json& node, const Known& known) {
    const bool by_name = node.value("setop_type", "").find("NAME") != std::string::npos;
    std::vector<const Json*> parts;
    for (const char* side : {"left", "right"}) {
      if (node.contains(side)) parts.push_back(&node[side]);
    }
    if (node.contains("children")) {
      for (const auto& child : node["children"]) parts.push_back(&child);
    }
    Outputs out;
    for (const Json* part : parts) {
      const Outputs more = outputs(*part, known);
      for (std::size_t i = 0; i < more.size(); ++i) {
        auto found = by_name || i >= out.size()
                         ? std::ranges::find_if(
                               out, [&](const Output& o) { return by_name && same(o.name, more[i].name); })
                         : out.begin() + static_cast<std::ptrdiff_t>(i);
        if (found == out.end()) found = out.insert(out.end(), {more[i].name, {}, {}});
        found->items.insert(found->items.end(), more[i].items.begin(), more[i].items.end());
        found->inputs.insert(more[i].inputs.begin(), more[i].inputs.end());
      }
    }
    return out;
  }

  void add_tables(const Json& from, const Known& known, std::vector<Table>& tables) {
    const std::string type = from.value("type", "");
    if (type == "JOIN") {
      add_tables(from["left"], known, tables);
      add_tables(from["right"], known, tables);
    } else if (type == "SUBQUERY") {
      tables.push_back({from.value("alias", ""), outputs(from["subquery"]["node"], known)});
    } else if (type == "BASE_TABLE") {
      const std::string name = from.value("table_name", ""), alias = from.value("alias", "");
      tables.push_back(
          {alias.empty() ? name : alias, columns_of(from.value("schema_name", ""), name, known)});
    }
  }

  Outputs columns_of(const std::string& schema, const std::string& name, const Known& known) {
    if (const auto found = known.find(base::to_lower(name)); schema.empty() && found != known.end())
      return found->second;
    Outputs out;
    const bool raw = same(schema, "raw");
    if (!raw && !same(schema, "sdtm")) return out;
    for (const auto& column : session_.columns_of(schema + "." + sql_identifier(name))) {
      std::set<std::string> inputs;
      if (column != "_file" && column != "_row")
        inputs.insert((raw ? "raw." + name + table_end : base::to_upper(name) + ".") + column);
      out.push_back({column, std::move(inputs), {}});
    }
    return out;
  }

  void add_star(const Json& star, const std::vector<Table>& tables, Outputs& out) {
    const std::string relation = star.value("relation_name", "");
    std::set<std::string> excluded;
    if (star.contains("exclude_list")) {
      for (const auto& one : star["exclude_list"]) {
        if (one.is_string()) excluded.insert(base::to_lower(one.get<std::string>()));
      }
    }
    for (const auto& table : tables) {
      if (!relation.empty() && !same(table.alias, relation)) continue;
      for (const auto& column : table.columns) {
        if (excluded.count(base::to_lower(column.name)) == 0) out.push_back({column.name, column.inputs, {}});
      }
    }
  }

  static std::string name_of(const Json& item) {
    if (const std::string alias = item.value("alias", ""); !alias.empty()) return alias;
    if (item.contains("column_names") && !item["column_names"].empty()) return item["column_names"].back();
    return "";
  }

  std::set<std::string> inputs_of(const Json& part, const std::vector<Table>& tables, const Known& known) {
    std::set<std::string> found;
    if (part.is_array() || part.is_object()) {
      if (part.is_object() && part.value("class", "") == "COLUMN_REF")
        return resolved(part["column_names"], tables);
      if (part.is_object() && part.contains("node") && part["node"].is_object()) {
        for (const auto& one : outputs(part["node"], known))
          found.insert(one.inputs.begin(), one.inputs.end());
        return found;
      }
      for (const auto& child : part) found.merge(inputs_of(child, tables, known));
    }
    return found;
  }

  static std::set<std::string> resolved(const Json& names, const std::vector<Table>& tables) {
    const std::string column = names.back(), relation = names.size() > 1 ? names[names.size() - 2] : Json("");
    for (const auto& table : tables) {
      if (!relation.empty() && !same(table.alias, relation)) continue;
      for (const auto& one : table.columns) {
        if (same(one.name, column)) return one.inputs;
      }
    }
    return {};
  }

  table::Session& session_;
};

/// The first place in the query of anything in the expression.
std::size_t position_of(const Json& part) {
  std::size_t first = std::numeric_limits<std::size_t>::max();
  if (part.is_object() && part.contains("query_location") && part["query_location"].is_number_unsigned())
    first = part["query_location"].get<std::size_t>();
  if (part.is_array() || part.is_object()) {
    for (const auto& child : part) first = std::min(first, position_of(child));
  }
  return first;
}

/// Inputs as users write them, the tables of raw columns beside them.
SqlColumn named(const Output& output) {
  SqlColumn column{output.name, "", {}, {}, 0};
  std::set<std::string> inputs;
  for (const auto& input : output.inputs) {
    const auto end = input.find(table_end);
    inputs.insert(end == std::string::npos ? input : "raw." + input.substr(end + 1));
    if (end != std::string::npos) column.cells.emplace_back(input.substr(4, end - 4), input.substr(end + 1));
  }
  column.inputs.assign(inputs.begin(), inputs.end());
  return column;
}

}  // namespace

base::Json tables_of_columns(const std::vector<SqlColumn>& columns) {
  Json out = Json::object();
  for (const auto& one : columns) {
    for (const auto& [table, column] : one.cells) {
      Json& tables = out[base::to_lower(column)];
      if (std::find(tables.begin(), tables.end(), table) == tables.end()) tables.push_back(table);
    }
  }
  return out;
}

std::vector<SqlColumn> columns_of_query(table::Session& session, const std::string& sql) {
  std::vector<SqlColumn> columns;
  const auto serialized = [&session](const std::string& query) {
    return base::parse_json(
        session.query_text("SELECT json_serialize_sql(" + sql_literal(query) + ")").text(0, 0), "");
  };
  try {
    const Json tree = serialized(sql);
    if (tree.value("error", true)) return columns;
    Json single = serialized("SELECT 1");
    for (const auto& one : QueryReader(session).outputs(tree["statements"][0]["node"], {})) {
      SqlColumn column = named(one);
      for (const Json* written : one.items) {
        Json item = *written;
        item["alias"] = "";
        single["statements"][0]["node"]["select_list"] = Json::array({item});
        std::string text = session
                               .query_text("SELECT json_deserialize_sql(" +
                                           sql_literal(base::dump_json(single, -1)) + "::JSON)")
                               .text(0, 0);
        if (text.starts_with("SELECT ")) text = text.substr(7);
        if (text == column.expression) continue;
        column.expression += (column.expression.empty() ? "" : " | ") + text;
      }
      if (!one.items.empty()) {
        const std::size_t position = position_of(*one.items[0]);
        column.position = position == std::numeric_limits<std::size_t>::max() ? 0 : position;
      }
      columns.push_back(std::move(column));
    }
  } catch (const base::Error&) {
    columns.clear();  // lineage by record only
  } catch (const Json::exception&) {
    columns.clear();
  }
  return columns;
}

}  // namespace trialmill::transform
