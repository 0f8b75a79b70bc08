#include "conform/metadata_table.hpp"

#include <algorithm>

#include "conform/define_table.hpp"
#include "conform/python_regex.hpp"

namespace trialmill::conform {

namespace {

void add_dataset_metadata(Frame& frame, const Part& part) {
  const auto put = [&](const char* name, Value value) {
    frame.set(name, Column::constant(std::move(value), frame.rows));
  };
  put("dataset_name", Value::of(part.name));
  put("dataset_label", part.label.empty() ? Value{} : Value::of(part.label));
  put("dataset_domain", part.domain.empty() ? Value{} : Value::of(part.domain));
  put("dataset_location", Value::of(part.file));
  put("dataset_size", Value::integer(part.size));
  put("record_count", Value::integer(static_cast<double>(part.frame.rows)));
}

/// The length in characters of every value, as operators print it; null where there is none.
ColumnPtr lengths_of(ColumnPtr column) {
  const std::size_t rows = column->size();
  return std::make_shared<const Column>(rows, true, [column = std::move(column), rows] {
    Column::Content content;
    content.integral = true;
    for (std::size_t row = 0; row < rows; ++row) {
      const Cell cell = column->at(row);
      content.numbers.push_back(cell.is_null() ? std::nan("")
                                               : static_cast<double>(characters(plain_text(cell))));
    }
    return content;
  });
}

}  // namespace

Frame presence_frame(const Data& data) {
  Frame frame;
  frame.rows = 1;
  for (const auto& part : data.parts()) {
    const std::string& name = part->domain.empty() ? part->name : part->domain;
    if (frame.find(name) == nullptr) frame.set(name, Column::constant(Value::of(part->file), 1));
    if (frame.find(part->name) == nullptr) frame.set(part->name, Column::constant(Value::of(part->file), 1));
  }
  return frame;
}

Frame dataset_frame(const Dataset& dataset) {
  std::vector<Frame> frames;
  for (std::size_t i = 0; i < dataset.parts.size(); ++i) {
    frames.emplace_back().rows = 1;
    add_dataset_metadata(frames.back(), *dataset.parts[i]);
  }
  std::vector<const Frame*> all;
  for (const Frame& frame : frames) all.push_back(&frame);
  return concatenate(all);
}

Frame library_frame(const Dataset& dataset, const standards::SdtmIg* ig) {
  std::vector<Value> name, label, type, core, role, order, ccode, has_codelist;
  const standards::Dataset* known = ig == nullptr ? nullptr : ig->find_dataset(dataset.name);
  for (std::size_t i = 0; known != nullptr && i < known->variables.size(); ++i) {
    const standards::Variable& variable = known->variables[i];
    name.push_back(Value::of(variable.name));
    label.push_back(Value::of(variable.label));
    type.push_back(Value::of(variable.type));
    core.push_back(Value::of(variable.core));
    role.push_back(Value::of(variable.role));
    order.push_back(Value::integer(variable.order));
    ccode.push_back(variable.codelist.empty() ? Value{} : Value::of(variable.codelists()[0]));
    has_codelist.push_back(Value::of(!variable.codelist.empty()));
  }
  Frame frame;
  frame.rows = name.size();
  frame.set("library_variable_name", Column::of(name));
  frame.set("library_variable_label", Column::of(label));
  frame.set("library_variable_data_type", Column::of(type));
  frame.set("library_variable_core", Column::of(core));
  frame.set("library_variable_role", Column::of(role));
  frame.set("library_variable_order_number", Column::of(order));
  frame.set("library_variable_ccode", Column::of(ccode));
  frame.set("library_variable_has_codelist", Column::of(has_codelist));
  return frame;
}

Frame variable_frame(const Dataset& dataset, const standards::SdtmIg* ig, bool library) {
  const std::vector<std::string> names = dataset.frame.names();
  std::vector<Value> name, label, type, order, length, format;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const VariableInfo* info = dataset.parts[0]->find(names[i]);
    name.push_back(Value::of(names[i]));
    label.push_back(info == nullptr || info->label.empty() ? Value{} : Value::of(info->label));
    type.push_back(info == nullptr ? Value{} : Value::of(info->type));
    length.push_back(info == nullptr ? Value{} : Value::real(info->length));
    order.push_back(Value::integer(static_cast<double>(i + 1)));
    format.emplace_back();  // no source of ours gives one
  }
  Frame frame;
  frame.rows = names.size();
  frame.set("variable_name", Column::of(name));
  frame.set("variable_label", Column::of(label));
  frame.set("variable_data_type", Column::of(type));
  frame.set("variable_size", Column::of(length));
  frame.set("variable_order_number", Column::of(order));
  frame.set("variable_format", Column::of(format));
  if (!library) return frame;
  std::vector<Value> is_empty_throughout, has_empty;
  for (const auto& [column_name, column] : dataset.frame.columns) {
    const Mask empty = column->map([](const Cell& cell) { return is_empty(cell); });
    const bool some = std::find(empty.begin(), empty.end(), 1) != empty.end();
    const bool filled = std::find(empty.begin(), empty.end(), 0) != empty.end();
    is_empty_throughout.push_back(Value::of(!filled));
    has_empty.push_back(Value::of(some));
  }
  frame.set("variable_is_empty", Column::of(is_empty_throughout));
  frame.set("variable_has_empty_values", Column::of(has_empty));
  return join_by_name(frame, "variable_name", library_frame(dataset, ig), "library_variable_name", false);
}

Frame delivered_frame(const Data& data) {
  std::vector<Value> names, domains, files;
  for (const auto& part : data.parts()) {
    names.push_back(Value::of(part->name));
    domains.push_back(Value::of(part->domain.empty() ? part->name : part->domain));
    files.push_back(Value::of(part->file));
  }
  Frame frame;
  frame.rows = names.size();
  frame.set("dataset_name", Column::of(names));
  frame.set("domain", Column::of(domains));
  frame.set("filename", Column::of(files));
  return frame;
}

Frame value_frame(const Dataset& dataset, const std::string& name, ColumnPtr column, bool with_variables) {
  const VariableInfo* info = dataset.parts[0]->find(name);
  Frame frame;
  frame.rows = dataset.frame.rows;
  frame.records = dataset.frame.records;
  frame.parts = dataset.frame.parts;
  const auto put = [&](const char* called, const std::string& text) {
    frame.set(called, Column::constant(text.empty() ? Value{} : Value::of(text), frame.rows));
  };
  put("variable_name", name);
  frame.set("variable_value", std::move(column));
  if (with_variables) {
    put("variable_label", info == nullptr ? "" : info->label);
    put("variable_data_type", info == nullptr ? "" : info->type);
    frame.set("variable_size",
              Column::constant(info == nullptr ? Value{} : Value::real(info->length), frame.rows));
    frame.set("variable_value_length", lengths_of(frame.columns[1].second));
  } else {
    add_dataset_metadata(frame, *dataset.parts[0]);
  }
  return frame;
}

Frame all_values_frame(const Dataset& dataset, bool with_variables) {
  std::vector<Frame> frames;
  std::vector<const Frame*> all;
  Frame::Parts parts;
  for (const auto& [name, column] : dataset.frame.columns) {
    frames.push_back(value_frame(dataset, name, column, with_variables));
    for (std::size_t row = 0; row < dataset.frame.rows; ++row) parts.push_back(dataset.frame.part(row));
  }
  for (const Frame& frame : frames) all.push_back(&frame);
  Frame out = concatenate(all);
  out.parts = std::make_shared<const Frame::Parts>(std::move(parts));
  return out;
}

}  // namespace trialmill::conform
