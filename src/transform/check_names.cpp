#include <algorithm>

#include "base/text.hpp"
#include "transform/check_mapping.hpp"
#include "transform/model.hpp"
#include "transform/records.hpp"

namespace trialmill::transform {

using base::YamlValue;

namespace {

constexpr std::size_t name_bytes_max = 8, label_bytes_max = 40;

}  // namespace

void MappingCheck::names() {
  keys();
  labels();
  if (const auto map = entry_of(model_.mapping, "split")) split(*map);
}

/// Names of variables and qualifiers: those of SAS transport files in capital letters.
void MappingCheck::sdtm_name(const std::string& name, const base::Place& place) {
  const bool letters = !name.empty() && name[0] >= 'A' && name[0] <= 'Z' &&
                       name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == std::string::npos;
  if (letters && name.size() <= name_bytes_max) return;
  add("TM2313", "'" + name + "' is no name of a variable in SDTM", place,
      letters ? "it has " + std::to_string(name.size()) +
                    " letters, at most 8 are allowed; a step on the way begins with _"
              : "use capital letters and digits, and begin with a letter; at most 8");
}

void MappingCheck::keys() {
  if (!model_.variables) return;
  for (const char* part : {"keys", "sort"}) {
    const auto list = entry_of(model_.mapping, part);
    if (!list || !list->is_list()) continue;
    for (const auto& key : list->list()) {
      const bool step = text_of(key).starts_with("_") && std::string(part) == "keys";
      if (!key.is_text() || (declares(key.text()) && !step)) continue;
      add("TM2301",
          std::string(part) == "keys" ? "key '" + key.text() + "' is not a variable"
                                      : "'" + key.text() + "' of `sort` is not a variable",
          key.place(), base::did_you_mean(key.text(), *model_.variables));
    }
  }
}

void MappingCheck::label(const YamlValue& text) {
  if (!text.is_text() || text.text().size() <= label_bytes_max) return;
  add("TM2314", "the label is " + std::to_string(text.text().size()) + " bytes long, at most 40 are allowed",
      text.place(), "'" + text.text() + "'");
}

void MappingCheck::labels() {
  if (const auto text = entry_of(model_.mapping, "label")) label(*text);
  for (const char* part : {"variables", "supp"}) {
    const auto nodes = entry_of(model_.mapping, part);
    if (!nodes) continue;
    for (const auto& [name, node] : entries_of(*nodes)) {
      if (is_taken_name(name))
        add("TM2313", "a step cannot be called '" + name + "', which is a name of ours",
            place_of_key(*nodes, name), "call it " + name + "_ or something else");
      if (name.starts_with("_") && std::string(part) == "variables") continue;
      sdtm_name(name, place_of_key(*nodes, name));
      if (const auto text = entry_of(node, "label")) label(*text);
    }
  }
  for (const char* part : {"labels", "comments"}) {
    const auto texts = entry_of(model_.mapping, part);
    if (!texts) continue;
    for (const auto& [name, text] : entries_of(*texts)) {
      if (std::string(part) == "labels") label(text);
      if (!model_.variables || tables_.has_variable(model_.dataset, name)) continue;
      if (const auto supp = entry_of(model_.mapping, "supp"); supp && entry_of(*supp, name)) continue;
      add("TM2301", "'" + name + "' of `" + part + "` is not a variable", place_of_key(*texts, name),
          base::did_you_mean(name, *model_.variables));
    }
  }
}

void MappingCheck::split(const YamlValue& map) {
  if (const auto by = entry_of(map, "by")) own_variable(*by);
  const auto into = entry_of(map, "into");
  if (!into) return;
  for (const auto& [name, node] : entries_of(*into)) {
    if (const auto text = entry_of(node, "label")) label(*text);
    add(part_name_fault(name, model_.dataset, place_of_key(*into, name)));
  }
}

}  // namespace trialmill::transform
