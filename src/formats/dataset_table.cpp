#include "formats/dataset_table.hpp"

#include "base/error.hpp"
#include "base/stop.hpp"
#include "base/text.hpp"
#include "table/appender.hpp"

namespace trialmill::formats {

struct TableLoader::State {
  State(DatasetMeta meta, table::Session& session, const std::string& table, std::set<std::size_t> as_text)
      : meta_(std::move(meta)), as_text_(std::move(as_text)), appender_(session, table) {}

  void take(const Batch& batch) {
    for (std::size_t from = 0; from < batch.rows;) {
      const std::size_t count = std::min(batch.rows - from, table::Appender::rows_max());
      special_.assign(count, {});
      for (std::size_t c = 0; c < batch.columns.size(); ++c) take_column(batch, c, from, count);
      const std::size_t last = batch.columns.size();
      for (std::size_t r = 0; r < count; ++r) {
        if (special_[r].empty())
          appender_.null(last, r);
        else
          appender_.text(last, r, special_[r] + "|"), any_special_ = true;
      }
      appender_.send(count);
      from += count;
      rows_ += static_cast<std::int64_t>(count);
    }
  }
  LoadedTable close() {
    appender_.close();
    return {rows_, any_special_};
  }

  void take_column(const Batch& batch, std::size_t c, std::size_t from, std::size_t count) {
    const Variable& variable = meta_.variables[c];
    const Batch::Column& column = batch.columns[c];
    for (std::size_t r = 0; r < count; ++r) {
      const std::size_t row = from + r;
      if (batch.is_missing(row, c)) {
        appender_.null(c, r);
        if (variable.storage == Storage::number) note_code(column.missing[row], c, r);
      } else if (variable.storage == Storage::text) {
        if (!base::is_valid_utf8(column.texts[row])) refuse(variable, row);
        appender_.text(c, r, column.texts[row]);
      } else if (as_text_.contains(c)) {
        appender_.text(c, r, value_text(batch, row, c, variable));
      } else {
        appender_.number(c, r, column.numbers[row]);
      }
    }
  }

  void note_code(char code, std::size_t c, std::size_t r) {
    if (code != '.') special_[r] += "|" + std::to_string(c) + "=" + code;
  }

  [[noreturn]] void refuse(const Variable& variable, std::size_t row) const {
    throw base::Error("TM1317", "a text of " + variable.name + " is not UTF-8",
                      {meta_.name, static_cast<int>(rows_ + static_cast<std::int64_t>(row) + 1), 0},
                      "name the file's encoding with --encoding");
  }

  const DatasetMeta meta_;
  const std::set<std::size_t> as_text_;
  table::Appender appender_;
  std::vector<std::string> special_;
  std::int64_t rows_ = 0;
  bool any_special_ = false;
};

TableLoader::TableLoader(DatasetMeta meta, table::Session& session, const std::string& table,
                         std::set<std::size_t> as_text) {
  std::string columns;
  for (std::size_t c = 0; c < meta.variables.size(); ++c) {
    const bool number = meta.variables[c].storage == Storage::number && !as_text.contains(c);
    columns += "c" + std::to_string(c) + (number ? " DOUBLE, " : " VARCHAR, ");
  }
  session.execute("CREATE OR REPLACE TABLE " + base::sql_identifier(table) + " (" + columns +
                  "special VARCHAR)");
  state_ = std::make_unique<State>(std::move(meta), session, table, std::move(as_text));
}

TableLoader::~TableLoader() = default;

void TableLoader::take(const Batch& batch) {
  state_->take(batch);
}

LoadedTable TableLoader::close() {
  return state_->close();
}

LoadedTable load_table(DatasetFile& file, std::size_t dataset, table::Session& session,
                       const std::string& table, const std::set<std::size_t>& as_text) {
  TableLoader loader(file.datasets()[dataset], session, table, as_text);
  file.read(dataset, [&](const Batch& batch) {
    base::check_stop();
    loader.take(batch);
    return true;
  });
  return loader.close();
}

}  // namespace trialmill::formats
