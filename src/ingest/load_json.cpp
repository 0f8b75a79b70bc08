// JSON deliveries. The engine parses; which elements are records depends on the shape:
//   ndjson  one object a line              json    an array of objects, or {"data": [...]}
//   fitbit  arrays of {dateTime, value}    oura    an object of sections, each {"data": [...]} or an object
#include "base/error.hpp"
#include "base/hash.hpp"
#include "base/text.hpp"
#include "ingest/load.hpp"

namespace trialmill::ingest {

using base::sql_literal;

namespace {

std::string file_list(const std::vector<Delivered>& files) {
  std::string out;
  for (const auto& file : files) out += (out.empty() ? "[" : ", ") + sql_literal(file.path.string());
  return out + "]";
}

// One row per record: _part, _file, _row, e (the element as JSON).
std::string elements_sql(const study::Source& source, const std::string& text_table) {
  const std::string unnest = "SELECT _part, _file, unnest(a) AS e, generate_subscripts(a, 1) AS _row FROM ";
  if (source.format == "ndjson") {
    return unnest +
           "(SELECT _part, _file, list_filter(string_split(content, chr(10)), x -> trim(x, ' ' || chr(13) || "
           "chr(9)) <> '')::JSON[] AS a FROM " +
           text_table + ")";
  }
  if (source.format == "oura") {
    // Sections in the order of the file; the element keeps its section.
    return "SELECT _part, _file, e, row_number() OVER (PARTITION BY _part ORDER BY s, i) AS _row FROM "
           "(SELECT _part, "
           "_file, s, json_object('section', k, 'record', r) AS e, i FROM (SELECT _part, _file, s, k, "
           "unnest(a) AS r, "
           "generate_subscripts(a, 1) AS i FROM (SELECT _part, _file, s, k, CASE WHEN "
           "json_type(content->k, '$.data') = 'ARRAY' THEN (content->k->'$.data')::JSON[] ELSE [content->k] "
           "END AS a FROM "
           "(SELECT _part, _file, content, unnest(json_keys(content)) AS k, "
           "generate_subscripts(json_keys(content), 1) AS s "
           "FROM (SELECT _part, _file, content::JSON AS content FROM " +
           text_table + ")))))";
  }
  return unnest +
         "(SELECT _part, _file, CASE WHEN json_type(content::JSON) = 'ARRAY' THEN content::JSON[] ELSE "
         "json_extract(content::JSON, '$.data')::JSON[] END AS a FROM " +
         text_table + ")";
}

// Columns: the keys of the elements; an object value is flattened by one level (value.bpm → value_bpm).
std::string columns_sql(study::Context& context, const std::string& elements) {
  const auto keys = context.session.query(
      "SELECT k, min(p) AS first FROM (SELECT unnest(json_keys(e)) AS k, generate_subscripts(json_keys(e), "
      "1) AS p FROM " +
      elements + ") GROUP BY k ORDER BY first, k");
  std::string columns;
  for (std::size_t r = 0; r < keys.rows(); ++r) {
    const std::string key = keys.text(r, 0);
    const std::string path = sql_literal("$.\"" + key + "\"");
    const auto inner =
        context.session.query("SELECT DISTINCT unnest(json_keys(e, " + path + ")) AS k FROM " + elements +
                              " WHERE json_type(e, " + path + ") = 'OBJECT' ORDER BY k");
    columns += ", CASE WHEN json_type(e, " + path +
               ") IS DISTINCT FROM 'OBJECT' THEN json_extract_string(e, " + path + ") END AS " +
               base::sql_identifier(key);
    for (std::size_t i = 0; i < inner.rows(); ++i) {
      columns += ", json_extract_string(e, " + sql_literal("$.\"" + key + "\".\"" + inner.text(i, 0) + "\"") +
                 ") AS " + base::sql_identifier(key + "_" + inner.text(i, 0));
    }
  }
  return columns;
}

}  // namespace

Loaded load_json(study::Context& context, const study::Source& source, const std::vector<Delivered>& files,
                 const std::string& relation) {
  Loaded loaded;
  auto& session = context.session;
  const std::string text_table = relation + "_text", elements = relation + "_elements";
  std::string names;
  for (std::size_t part = 0; part < files.size(); ++part) {
    loaded.hashes.push_back(base::sha256_of_file(files[part].path));
    names += (part ? ", " : "") + std::string("(") + std::to_string(part) + ", " +
             sql_literal(files[part].name) + ", " + sql_literal(files[part].path.string()) + ")";
  }
  session.execute("CREATE TEMP TABLE " + text_table +
                  " AS SELECT n._part::INTEGER AS _part, n._file, t.content FROM "
                  "read_text(" +
                  file_list(files) + ") t JOIN (VALUES " + names +
                  ") n(_part, _file, path) ON t.filename = "
                  "n.path");
  const auto broken =
      session.query_text("SELECT _file FROM " + text_table + " WHERE " +
                         (source.format == "ndjson" ? "false" : "NOT json_valid(content)") + " ORDER BY 1");
  if (broken.rows() > 0) {
    throw base::Error("TM2006", "the file is not valid JSON", {broken.text(0, 0)},
                      "was it cut off in transfer?");
  }
  session.execute("CREATE TEMP TABLE " + elements + " AS " + elements_sql(source, text_table));
  loaded.received = session.count("SELECT count(*) FROM " + elements);
  session.execute("CREATE TEMP TABLE " + relation + " AS SELECT _part, _file, _row" +
                  columns_sql(context, elements) + " FROM " + elements);
  session.execute("DROP TABLE " + text_table + "; DROP TABLE " + elements);
  return loaded;
}

}  // namespace trialmill::ingest
