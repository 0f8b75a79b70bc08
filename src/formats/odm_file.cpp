#include "formats/odm_file.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <deque>
#include <set>

#include "base/error.hpp"
#include "base/stop.hpp"
#include "base/text.hpp"
#include "formats/mapped_file.hpp"
#include "formats/odm_events.hpp"

namespace trialmill::formats {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t piece_bytes = 1U << 20U;

/// Runs a file through events; false if they stopped it.
OdmHead parse(const fs::path& file, OdmMetadata* metadata, const OdmEvents::Take& take) {
  const MappedFile mapped(file);
  OdmEvents events(metadata, take, file.string());
  XmlPush xml(events, file.string(), "TM1341");
  events.attach(xml);
  std::string_view rest = mapped.bytes();
  while (!rest.empty()) {
    base::check_stop();
    xml.feed(rest.substr(0, piece_bytes));
    mapped.forget(rest.data());
    if (events.stopped()) return events.head();
    rest.remove_prefix(std::min(piece_bytes, rest.size()));
  }
  xml.finish();
  return events.head();
}

ValueType type_of(const std::string& odm) {
  if (odm == "integer") return ValueType::integer;
  if (odm == "float" || odm == "double" || odm == "decimal") return ValueType::floating;
  if (odm == "boolean") return ValueType::boolean;
  if (odm == "date") return ValueType::date;
  if (odm == "time") return ValueType::time;
  if (odm == "datetime") return ValueType::datetime;
  return odm == "URI" ? ValueType::uri : ValueType::text;
}

bool is_number(std::string_view text, bool whole) {
  text = base::trim(text);
  if (text.starts_with("+")) text.remove_prefix(1);
  if (whole && text.find_first_not_of("-0123456789") != std::string_view::npos) return false;
  double value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  return status == std::errc() && end == text.data() + text.size();
}

/// What fills a column of a table.
struct Column {
  enum class Kind {
    study,
    subject,
    site,
    event,
    event_repeat,
    form,
    form_repeat,
    group_repeat,
    vendor,
    item,
    decode,
    unit
  };
  Kind kind;
  std::string source;  ///< item OID, or name of the vendor's attribute
};

struct Table {
  std::vector<Column> columns;
  std::set<std::string> items, units, vendor;  ///< that occur in the data
  std::vector<std::string> unknown;            ///< items without a place in the definition, as they come
  std::int64_t rows = 0;
};

/// The current state of a transactional file: rows in the order in which they first came.
class Replay {
 public:
  void apply(const OdmRow& row) {
    if (row.removed == "group" || row.removed.empty()) {
      if (row.removed == "group") {
        if (const auto found = places_.find(row.place); found != places_.end())
          rows_[found->second].second = false;
        return;
      }
      set(row);
      return;
    }
    for (auto& [other, present] : rows_) {
      if (below(other.place, row.place, row.removed)) present = false;
    }
  }
  template <class Take>
  void each(Take take) const {
    for (const auto& [row, present] : rows_) {
      if (present && !take(row)) return;
    }
  }

 private:
  static bool below(const OdmPlace& place, const OdmPlace& of, const std::string& level) {
    if (place.study != of.study || place.subject != of.subject) return false;
    if (level == "subject") return true;
    if (place.event != of.event || place.event_repeat != of.event_repeat) return false;
    return level == "event" || (place.form == of.form && place.form_repeat == of.form_repeat);
  }

  void set(const OdmRow& row) {
    OdmPlace key = row.place;
    key.site.clear();
    const auto [found, fresh] = places_.emplace(key, rows_.size());
    if (fresh) {
      rows_.emplace_back(row, !row.is_context || !row.values.empty());
      std::erase_if(rows_.back().first.values, [](const OdmValue& value) { return value.removed; });
      return;
    }
    auto& [state, present] = rows_[found->second];
    present = true;
    state.vendor = row.vendor;
    if (!row.place.site.empty()) state.place.site = row.place.site;
    for (const auto& value : row.values) {
      const auto old = std::ranges::find(state.values, value.item, &OdmValue::item);
      if (value.removed) {
        if (old != state.values.end()) state.values.erase(old);
      } else if (old == state.values.end()) {
        state.values.push_back(value);
      } else {
        *old = value;
      }
    }
  }

  std::deque<std::pair<OdmRow, bool>> rows_;
  std::map<OdmPlace, std::size_t> places_;
};

class OdmDatasets : public DatasetFile {
 public:
  OdmDatasets(const fs::path& file, const ReadOptions& options) : file_(file) {
    const auto nothing = [](const OdmRow&) { return true; };
    if (!options.metadata.empty()) parse(options.metadata, &metadata_, nothing);
    head_ = parse(file_, &metadata_, [this](const OdmRow& row) {
      survey(row);
      return true;
    });
    if (order_.empty()) {
      throw base::usage_error("TM1343", "the file holds definitions and no data", {file_.string()},
                              "a define.xml goes to: trialmill validate --define-xml");
    }
    if (head_.dataset_xml && options.metadata.empty()) {
      const fs::path beside = file_.parent_path() / "define.xml";
      if (metadata_.items.empty() && fs::exists(beside)) parse(beside, &metadata_, nothing);
    }
    if (head_.transactional) count_current();
    for (const auto& group : order_) describe(group);
  }

  const std::vector<DatasetMeta>& datasets() const override { return datasets_; }
  std::vector<FormatNote> notes() const override { return notes_.notes(); }

  void read(std::size_t dataset, const BatchConsumer& consume) override {
    read_some(dataset, [&](std::size_t, const Batch& batch) { return consume(batch); });
  }
  void read_all(const std::function<bool(std::size_t, const Batch&)>& consume) override {
    read_some(SIZE_MAX, consume);
  }

 private:
  // --- first pass
  void survey(const OdmRow& row) {
    if (!row.removed.empty() && row.removed != "group") return;
    auto [found, fresh] = tables_.try_emplace(row.place.group);
    Table& table = found->second;
    if (fresh) order_.push_back(row.place.group);
    ++table.rows;
    for (const auto& value : row.values) {
      if (table.items.insert(value.item).second) table.unknown.push_back(value.item);
      if (!value.unit.empty()) table.units.insert(value.item);
      if (value.has_reason)
        note(row.place.group, value.item, "a reason for a missing value has no column", "");
    }
    for (const auto& [name, value] : row.vendor) table.vendor.insert(name);
    if (row.removed == "group" && !head_.transactional)
      note(row.place.group, "", "a group marked as removed is read all the same: the file is a snapshot", "");
  }

  void count_current() {
    Replay replay;
    parse(file_, nullptr, [&](const OdmRow& row) {
      replay.apply(row);
      return true;
    });
    for (auto& [oid, table] : tables_) table.rows = 0;
    replay.each([&](const OdmRow& row) {
      ++tables_[row.place.group].rows;
      return true;
    });
    replay_ = std::move(replay);
  }

  void note(const std::string& dataset, const std::string& variable, const std::string& message,
            const std::string& value) {
    notes_.add({.kind = FormatNote::Kind::attribute,
                .dataset = dataset,
                .variable = variable,
                .value = value,
                .message = message});
  }

  // --- columns
  std::vector<std::string> item_order(const std::string& group, const Table& table) const {
    std::vector<std::string> out;
    if (const auto defined = metadata_.groups.find(group); defined != metadata_.groups.end()) {
      for (const auto& [number, oid] : defined->second.items) {
        if (std::ranges::find(out, oid) == out.end()) out.push_back(oid);
      }
    }
    for (const auto& oid : table.unknown) {
      if (std::ranges::find(out, oid) == out.end()) out.push_back(oid);
    }
    return out;
  }

  const OdmItem* item(const std::string& oid) const {
    const auto found = metadata_.items.find(oid);
    return found == metadata_.items.end() ? nullptr : &found->second;
  }

  /// Last part of an OID: IT.DM.USUBJID → USUBJID.
  static std::string last_part(const std::string& oid) { return oid.substr(oid.rfind('.') + 1); }

  std::string item_name(const std::string& oid) const {
    const OdmItem* known = item(oid);
    if (known == nullptr) return head_.dataset_xml ? last_part(oid) : oid;
    const bool plain = known->name.find_first_of(" \t\n") == std::string::npos && !known->name.empty();
    if (plain) return known->name;
    return known->sas_name.empty() ? oid : known->sas_name;
  }

  void describe(const std::string& group) {
    Table& table = tables_[group];
    DatasetMeta meta;
    meta.name = group;
    const auto defined = metadata_.groups.find(group);
    if (defined != metadata_.groups.end())
      meta.label = defined->second.label.empty() ? defined->second.name : defined->second.label;
    if (head_.dataset_xml) {
      meta.name = defined != metadata_.groups.end() && !defined->second.name.empty() ? defined->second.name
                                                                                     : last_part(group);
      if (defined != metadata_.groups.end()) meta.label = defined->second.label;
      meta.attributes["itemGroupOID"] = group;
    }
    meta.rows = table.rows;
    std::set<std::string> taken;
    const auto add = [&](Column::Kind kind, const std::string& source, Variable variable) {
      const std::string wanted = variable.name;
      for (int n = 2; !taken.insert(base::to_lower(variable.name)).second; ++n)
        variable.name = wanted + "_" + std::to_string(n);
      table.columns.push_back({kind, source});
      meta.variables.push_back(std::move(variable));
    };
    if (!head_.dataset_xml) add_keys(table, add);
    for (const auto& oid : item_order(group, table)) add_item(oid, table, group, add);
    if (defined != metadata_.groups.end()) {
      for (std::size_t k = 0; k < defined->second.keys.size(); ++k) {
        for (auto& variable : meta.variables) {
          if (variable.item_oid == defined->second.keys[k] && !variable.item_oid.empty())
            variable.key_sequence = static_cast<int>(k + 1);
        }
      }
    }
    datasets_.push_back(std::move(meta));
  }

  template <class Add>
  static void add_keys(const Table& table, const Add& add) {
    using Kind = Column::Kind;
    static const std::vector<std::tuple<Kind, const char*, const char*>> keys{
        {Kind::study, "StudyOID", "Study"},
        {Kind::subject, "SubjectKey", "Subject"},
        {Kind::site, "SiteOID", "Site"},
        {Kind::event, "StudyEventOID", "Study event"},
        {Kind::event_repeat, "StudyEventRepeatKey", "Number of the study event"},
        {Kind::form, "FormOID", "Form"},
        {Kind::form_repeat, "FormRepeatKey", "Number of the form"},
        {Kind::group_repeat, "ItemGroupRepeatKey", "Number of the item group"}};
    for (const auto& [kind, name, label] : keys) {
      Variable variable;
      variable.name = name;
      variable.label = label;
      add(kind, "", std::move(variable));
    }
    for (const auto& name : table.vendor) {
      Variable variable;
      variable.name = name;
      add(Kind::vendor, name, std::move(variable));
    }
  }

  template <class Add>
  void add_item(const std::string& oid, const Table& table, const std::string& group, const Add& add) {
    const OdmItem* known = item(oid);
    Variable variable;
    variable.name = item_name(oid);
    variable.item_oid = oid;
    if (known != nullptr) {
      variable.label = known->label;
      variable.type = type_of(known->data_type);
      variable.length = known->length;
      const bool number = variable.type == ValueType::integer || variable.type == ValueType::floating;
      if (head_.dataset_xml && number) variable.storage = Storage::number, variable.length = 8;
    } else if (!metadata_.items.empty()) {
      note(group, oid, "the item is not defined; its column is called by its OID", "");
    } else if (head_.dataset_xml) {
      note(group, "", "no define.xml: names are taken from OIDs, and everything is text", "");
    }
    const std::string name = variable.name, label = variable.label;
    add(Column::Kind::item, oid, std::move(variable));
    const auto extra = [&](Column::Kind kind, const std::string& ending) {
      Variable other;
      other.name = name + ending;
      other.label = label;
      add(kind, oid, std::move(other));
    };
    if (table.units.contains(oid)) extra(Column::Kind::unit, "_UNIT");
    if (known == nullptr || known->codelist.empty() || head_.dataset_xml) return;
    const auto list = metadata_.codelists.find(known->codelist);
    if (list != metadata_.codelists.end() && !list->second.empty()) extra(Column::Kind::decode, "_DECODE");
  }

  // --- second pass
  struct Filling {
    Batch batch;
    std::deque<std::string> texts;
    std::int64_t before = 0;  ///< rows given already
  };

  void read_some(std::size_t wanted, const std::function<bool(std::size_t, const Batch&)>& consume) {
    std::map<std::string, std::size_t> places;
    for (std::size_t d = 0; d < order_.size(); ++d) {
      if (wanted == SIZE_MAX || wanted == d) places[order_[d]] = d;
    }
    std::vector<Filling> filling(order_.size());
    bool more = true;
    const auto give = [&](std::size_t d) {
      Filling& one = filling[d];
      if (one.batch.rows > 0 && more) more = consume(d, one.batch);
      one.before += static_cast<std::int64_t>(one.batch.rows);
      one.batch = {};
      one.texts.clear();
    };
    const auto take = [&](const OdmRow& row) {
      const auto found = places.find(row.place.group);
      if (found == places.end() || (!row.removed.empty() && row.removed != "group")) return true;
      fill(row, found->second, filling[found->second]);
      if (filling[found->second].batch.rows == batch_rows_max) give(found->second);
      return more;
    };
    if (head_.transactional)
      replay_.each(take);
    else
      parse(file_, nullptr, take);
    for (const auto& [group, d] : places) give(d);
  }

  void fill(const OdmRow& row, std::size_t d, Filling& out) {
    const Table& table = tables_[order_[d]];
    out.batch.columns.resize(table.columns.size());
    std::map<std::string_view, const OdmValue*> values;
    for (const auto& value : row.values) {
      if (!values.emplace(value.item, &value).second) {
        note(datasets_[d].name, value.item, "the item comes twice in one item group; the later value counts",
             value.value);
        values[value.item] = &value;
      }
    }
    for (std::size_t c = 0; c < table.columns.size(); ++c) {
      const Variable& variable = datasets_[d].variables[c];
      const std::optional<std::string> text = cell(row, table.columns[c], values);
      Batch::Column& column = out.batch.columns[c];
      if (variable.storage == Storage::number)
        add_number(text, variable, d, out, column);
      else
        column.texts.push_back(text ? std::string_view(out.texts.emplace_back(*text)) : std::string_view());
      if (text && !text->empty() && table.columns[c].kind == Column::Kind::item)
        check_type(*text, variable, d);
    }
    ++out.batch.rows;
  }

  std::optional<std::string> cell(const OdmRow& row, const Column& column,
                                  const std::map<std::string_view, const OdmValue*>& values) const {
    const auto key = [](const std::string& text) {
      return text.empty() ? std::nullopt : std::optional(text);
    };
    switch (column.kind) {
      case Column::Kind::study:
        return key(row.place.study);
      case Column::Kind::subject:
        return key(row.place.subject);
      case Column::Kind::site:
        return key(row.place.site);
      case Column::Kind::event:
        return key(row.place.event);
      case Column::Kind::event_repeat:
        return key(row.place.event_repeat);
      case Column::Kind::form:
        return key(row.place.form);
      case Column::Kind::form_repeat:
        return key(row.place.form_repeat);
      case Column::Kind::group_repeat:
        return key(row.place.group_repeat);
      case Column::Kind::vendor: {
        const auto found = row.vendor.find(column.source);
        return found == row.vendor.end() ? std::nullopt : std::optional(found->second);
      }
      default:
        break;
    }
    const auto found = values.find(column.source);
    if (found == values.end() || found->second->is_null) return std::nullopt;
    if (column.kind == Column::Kind::unit) return key(found->second->unit);
    if (column.kind == Column::Kind::item) return found->second->value;
    return decode(column.source, found->second->value);
  }

  /// Several codes, as OpenClinica exports them ("1,2"), give their texts one after the other.
  std::optional<std::string> decode(const std::string& oid, const std::string& value) const {
    const auto& list = metadata_.codelists.at(metadata_.items.at(oid).codelist);
    if (const auto found = list.find(value); found != list.end()) return found->second;
    std::string all;
    for (const auto& part : base::split(value, ',')) {
      const auto found = list.find(std::string(base::trim(part)));
      if (found == list.end()) return std::nullopt;
      all += (all.empty() ? "" : ", ") + found->second;
    }
    return all;
  }

  void add_number(const std::optional<std::string>& text, const Variable& variable, std::size_t d,
                  const Filling& out, Batch::Column& column) const {
    double value = std::nan("");
    if (text && !base::trim(*text).empty()) {
      if (!is_number(*text, false)) {
        throw base::Error(
            "TM1342",
            "'" + *text + "' in " + datasets_[d].name + "." + variable.name + " is no number (row " +
                std::to_string(out.before + static_cast<std::int64_t>(out.batch.rows) + 1) + ")",
            {file_.string()}, "define.xml says that it is one");
      }
      const std::string_view digits = base::trim(*text);
      std::from_chars(digits.data() + (digits[0] == '+' ? 1 : 0), digits.data() + digits.size(), value);
    }
    column.numbers.push_back(value);
    if (std::isnan(value)) {
      column.missing.resize(column.numbers.size());
      column.missing.back() = '.';
    } else if (!column.missing.empty()) {
      column.missing.push_back(0);
    }
  }

  void check_type(const std::string& text, const Variable& variable, std::size_t d) {
    const bool whole = variable.type == ValueType::integer;
    if ((!whole && variable.type != ValueType::floating) || is_number(text, whole)) return;
    notes_.add({.kind = FormatNote::Kind::value,
                .dataset = datasets_[d].name,
                .variable = variable.name,
                .value = text,
                .message = "not a number, as the item's definition says; it stays text"});
  }

  fs::path file_;
  OdmMetadata metadata_;
  OdmHead head_;
  std::vector<std::string> order_;
  std::map<std::string, Table> tables_;
  std::vector<DatasetMeta> datasets_;
  Replay replay_;
  NoteCollector notes_;
};

}  // namespace

std::unique_ptr<DatasetFile> open_odm(const fs::path& file, const ReadOptions& options) {
  return std::make_unique<OdmDatasets>(file, options);
}

}  // namespace trialmill::formats
