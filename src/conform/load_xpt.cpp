// SAS transport files as datasets. The file is mapped into memory; a column is read when a rule first looks
// at it, on whichever thread that is.
#include "base/text.hpp"
#include "conform/load.hpp"
#include "formats/xpt_reader.hpp"

namespace trialmill::conform {

namespace {

Column::Content read_column(const formats::XptTable& table, std::size_t column, bool text) {
  if (text) {
    TextColumnBuilder builder;
    builder.reserve(table.rows());
    for (std::size_t row = 0; row < table.rows(); ++row) builder.add(table.text(row, column));
    return builder.finish_content();
  }
  Column::Content content;
  content.numbers.resize(table.rows());
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const formats::XptNumber number = table.number(row, column);
    content.numbers[row] = number.missing == 0 ? number.value : std::nan("");
  }
  return content;
}

}  // namespace

void load_xpt(Data& data, const std::filesystem::path& path) {
  const auto file = std::make_shared<const formats::XptFile>(formats::XptFile::open(path));
  for (std::size_t member = 0; member < file->tables().size(); ++member) {
    const formats::XptTable& table = file->tables()[member];
    Part part;
    part.name = base::to_upper(table.member().name);
    part.file = path.filename().string();
    part.label = table.member().label;
    part.size = static_cast<double>(std::filesystem::file_size(path));
    part.frame.rows = table.rows();
    for (std::size_t i = 0; i < table.member().columns.size(); ++i) {
      const formats::XptColumn& column = table.member().columns[i];
      part.variables.push_back(
          {column.name, column.label, column.is_text ? "Char" : "Num", static_cast<double>(column.length)});
      part.frame.columns.emplace_back(
          column.name, std::make_shared<const Column>(table.rows(), !column.is_text,
                                                      [file, member, i, text = column.is_text] {
                                                        return read_column(file->tables()[member], i, text);
                                                      }));
    }
    data.add(std::move(part));
  }
}

}  // namespace trialmill::conform
