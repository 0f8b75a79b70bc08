// Lists inside of JSON records as tables of their own: the levels of a sleep log, the samples of a heart rate
// series, the options ticked in a question. In the record itself they stay as JSON text.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "formats/json_flatten.hpp"

namespace trialmill::formats {

/// Gives a record and the items of its lists, flattened.
class JsonLists {
 public:
  /// A row of a dataset; `parent` is the dataset whose lists these are, "" for records. False = no more
  /// wanted.
  using Take = std::function<bool(const std::string& dataset, const std::string& parent,
                                  const std::vector<JsonField>& fields)>;

  JsonLists();
  ~JsonLists();
  JsonLists(const JsonLists&) = delete;
  JsonLists& operator=(const JsonLists&) = delete;

  /// Gives the record `object`, number `row` (from 1) of `dataset`, and then, if `with_lists`, an item of a
  /// list in the field F as a row of `dataset`.F: `parent_row` (the record's number), `parent_…` (fields of
  /// the record that are its id: named id or ending so), `item` (number in the list, from 1), then the item's
  /// own fields or, if it is no object, `value`. Lists of items go the same way, up to 4 deep; deeper ones
  /// are text only. `problem` is "" or says why it is no object; then nothing was given. False if `take` said
  /// so.
  bool give(const std::string& dataset, std::string_view object, std::int64_t row, bool with_lists,
            const Take& take, std::string& problem);

 private:
  struct Level;
  bool give_items(const std::string& dataset, const std::vector<JsonField>& record, std::int64_t row,
                  std::size_t depth, const Take& take, std::string& problem);
  Level& level(std::size_t depth);
  std::vector<std::unique_ptr<Level>> levels_;
};

}  // namespace trialmill::formats
