// The trace of a value as text, a tree for each record.
#include <ostream>

#include "query/trace.hpp"

namespace trialmill::query {
namespace {

using base::Json;

void print_name(const Json& one, const std::string& indent, std::ostream& out) {
  out << indent << one["name"].get<std::string>();
  if (one.contains("value")) {
    if (one["value"].is_null())
      out << " is empty";
    else
      out << " = '" << one["value"].get<std::string>() << "'";
  }
  if (one.contains("record")) {
    out << "  (record " << one["record"].get<std::int64_t>();
    if (one.contains("used")) out << (one["used"].get<bool>() ? ", used" : ", not used");
    if (one.contains("repeated")) out << ", see above";
    out << ")";
  }
  out << "\n";
}

void print_source(const Json& source, const std::string& below, std::ostream& out) {
  if (source.contains("list")) {
    out << below << "list  " << source["list"].get<std::string>();
    if (source.contains("found")) out << ": no line for this value";
    out << "\n";
    return;
  }
  const std::string table = source["source"].get<std::string>();
  out << below << (table.ends_with(".csv") ? "list  " : "raw   ");
  if (source.contains("row"))
    out << source["file"].get<std::string>() << " row " << source["row"].get<std::int64_t>();
  else
    out << table << ", row not known";
  if (source.contains("column")) {
    out << ", " << source["column"].get<std::string>();
    if (source.contains("value"))
      out << (source["value"].is_null() ? " is empty" : " = '" + source["value"].get<std::string>() + "'");
  }
  out << "\n";
}

// NOLINTNEXTLINE(misc-no-recursion): as deep as the tracer goes.
void print_value(const Json& one, const std::string& indent, std::ostream& out) {
  print_name(one, indent, out);
  const std::string below = indent + "  ";
  if (one.contains("key")) {
    std::string text;
    for (const auto& [name, value] : one["key"].items())
      text += (text.empty() ? "" : ", ") + name + "=" + value.get<std::string>();
    out << below << "key   " << text << "\n";
  }
  if (one.contains("rule")) {
    out << below << "rule  " << one["rule"].get<std::string>();
    if (one.contains("place")) out << "  [" << one["place"].get<std::string>() << "]";
    out << "\n";
  }
  for (const auto& said : one.value("row_set", Json::array()))
    out << below << "rows  " << said["says"].get<std::string>() << "  [" << said["place"].get<std::string>()
        << "]\n";
  for (const auto& source : one.value("sources", Json::array())) print_source(source, below, out);
  for (const auto& input : one.value("inputs", Json::array())) print_value(input, below, out);
  if (one.contains("open")) out << below << "open  no cell, constant or list value is known behind it\n";
}

}  // namespace

void print_trace(const Json& trace, std::ostream& out) {
  for (const auto& record : trace["records"]) print_value(record, "", out);
  if (trace["records"].empty()) out << "no record fits\n";
  if (trace["more"].get<bool>()) out << "… more records fit; say which with --where\n";
}

}  // namespace trialmill::query
