#include "conform/define_table.hpp"

#include <algorithm>

#include "conform/operators.hpp"

namespace trialmill::conform {

namespace define = formats::define;

namespace {

Value text_or_null(const std::string& text) {
  return text.empty() ? Value{} : Value::of(text);
}

/// Columns filled row by row, each named when it is first filled.
class RowTable {
 public:
  void put(const std::string& name, Value value) {
    for (auto& [known, values] : columns_) {
      if (known == name) return values.push_back(std::move(value));
    }
    columns_.emplace_back(name, std::vector<Value>{std::move(value)});
  }
  Frame finish() {
    Frame frame;
    for (auto& [name, values] : columns_) {
      frame.rows = values.size();
      frame.set(name, Column::of(values));
    }
    return frame;
  }

 private:
  std::vector<std::pair<std::string, std::vector<Value>>> columns_;
};

void put_codelist(RowTable& rows, const std::string& prefix, const define::CodeList* list) {
  std::vector<std::string> values, codes, decodes;
  for (std::size_t i = 0; list != nullptr && i < list->items.size(); ++i) {
    const define::CodedItem& item = list->items[i];
    values.push_back(item.value);
    if (!item.nci_code.empty()) codes.push_back(item.nci_code);
    if (!item.decode.empty()) decodes.push_back(item.decode);
  }
  rows.put(prefix + "ccode", Value::of(list == nullptr ? "" : list->nci_code));
  rows.put(prefix + "allowed_terms", Value::of_texts(decodes));
  rows.put(prefix + "codelist_coded_values", Value::of_texts(values));
  rows.put(prefix + "codelist_coded_codes", Value::of_texts(codes));
}

/// `prefix`: define_variable_ or, for a value, define_vlm_.
void put_item(RowTable& rows, const std::string& prefix, const define::Document& define,
              const define::ItemRef& ref, double position) {
  static const define::ItemDef unknown;
  const define::ItemDef* found = define.item(ref.item_oid);
  const define::ItemDef& item = found == nullptr ? unknown : *found;
  const std::string origin = item.origins.empty() ? "" : item.origins[0].type;
  rows.put(prefix + "name", text_or_null(item.name));
  rows.put(prefix + "label", text_or_null(item.label));
  rows.put(prefix + "data_type", text_or_null(item.data_type));
  rows.put(prefix + "role", text_or_null(ref.role));
  for (const char* name : {"size", "length"})
    rows.put(prefix + name, item.length ? Value::integer(*item.length) : Value{});
  rows.put(prefix + "format", text_or_null(item.display_format));
  rows.put(prefix + "origin_type", text_or_null(origin));
  rows.put(prefix + "is_collected", Value::of(origin == "Collected" || origin == "CRF"));
  rows.put(prefix + "has_no_data", ref.has_no_data ? Value::of("Yes") : Value{});
  rows.put(prefix + "order_number", Value::integer(ref.order_number.value_or(static_cast<int>(position))));
  rows.put(prefix + "has_codelist", Value::of(!item.codelist_oid.empty()));
  rows.put(prefix + "mandatory", Value::of(ref.mandatory ? "Yes" : "No"));
  rows.put(prefix + "has_comment", Value::of(!item.comment_oid.empty()));
  rows.put(prefix + "has_method", Value::of(!ref.method_oid.empty()));
  put_codelist(rows, prefix, define.codelist(item.codelist_oid));
}

void put_dataset(RowTable& rows, const define::Document& define, const define::ItemGroupDef& group) {
  const auto names = [&](const std::vector<std::string>& oids) {
    std::vector<std::string> out;
    for (const std::string& oid : oids) {
      if (const define::ItemDef* item = define.item(oid)) out.push_back(item->name);
    }
    return Value::of_texts(out);
  };
  std::vector<define::ItemRef> items = group.items;
  const auto oids = [&] {
    std::vector<std::string> out;
    for (const define::ItemRef& ref : items) out.push_back(ref.item_oid);
    return out;
  };
  rows.put("define_dataset_name", text_or_null(group.name));
  rows.put("define_dataset_label", text_or_null(group.label));
  rows.put("define_dataset_domain", text_or_null(group.domain));
  rows.put("define_dataset_class", text_or_null(group.class_name));
  rows.put("define_dataset_structure", text_or_null(group.structure));
  rows.put("define_dataset_location", group.leaves.empty() ? Value{} : text_or_null(group.leaves[0].href));
  rows.put("define_dataset_is_non_standard", group.is_non_standard ? Value::of("Yes") : Value{});
  rows.put("define_dataset_has_no_data", Value::of(group.has_no_data));
  rows.put("define_dataset_key_sequence", names(group.key_oids()));
  rows.put("define_dataset_variables", names(oids()));
  std::stable_sort(items.begin(), items.end(), [](const define::ItemRef& a, const define::ItemRef& b) {
    return a.order_number.value_or(INT32_MAX) < b.order_number.value_or(INT32_MAX);
  });
  rows.put("define_dataset_variable_order", names(oids()));
}

}  // namespace

const define::ItemGroupDef& define_group(const define::Document& define, const Dataset& dataset) {
  for (const std::string& name : {dataset.parts[0]->name, dataset.name, dataset.domain}) {
    if (const define::ItemGroupDef* group = define.dataset(name)) return *group;
  }
  throw SkipDataset{"the Define-XML does not define it"};
}

Frame define_variables(const define::Document& define, const Dataset& dataset) {
  RowTable rows;
  double position = 0;
  for (const define::ItemRef& ref : define_group(define, dataset).items)
    put_item(rows, "define_variable_", define, ref, ++position);
  return rows.finish();
}

Frame define_value(const define::Document& define, const define::ItemRef& ref) {
  RowTable rows;
  put_item(rows, "define_vlm_", define, ref, 1);
  return rows.finish();
}

Frame define_dataset(const define::Document& define, const Dataset& dataset) {
  RowTable rows;
  put_dataset(rows, define, define_group(define, dataset));
  return rows.finish();
}

Frame define_datasets(const define::Document& define) {
  RowTable rows;
  for (const define::ItemGroupDef& group : define.datasets) put_dataset(rows, define, group);
  return rows.finish();
}

Frame join_by_name(const Frame& left, const char* left_name, const Frame& right, const char* right_name,
                   bool outer) {
  const Column* ours = left.find(left_name);
  const Column* theirs = right.find(right_name);
  Rows left_rows, right_rows;
  std::vector<bool> used(right.rows);
  for (std::size_t row = 0; row < left.rows; ++row) {
    left_rows.push_back(static_cast<std::uint32_t>(row));
    std::uint32_t found = no_row;
    for (std::size_t other = 0; theirs != nullptr && other < right.rows && found == no_row; ++other) {
      if (same(ours->at(row), theirs->at(other))) found = static_cast<std::uint32_t>(other);
    }
    if (found != no_row) used[found] = true;
    right_rows.push_back(found);
  }
  for (std::size_t other = 0; outer && other < right.rows; ++other) {
    if (used[other]) continue;
    left_rows.push_back(no_row);
    right_rows.push_back(static_cast<std::uint32_t>(other));
  }
  Frame joined;
  joined.rows = left_rows.size();
  for (const auto& [name, column] : left.columns) joined.set(name, column->gather(left_rows));
  for (const auto& [name, column] : right.columns) joined.set(name, column->gather(right_rows));
  return joined;
}

}  // namespace trialmill::conform
