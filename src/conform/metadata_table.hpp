// The tables of rules that look at metadata or at single values rather than at records: one row a dataset, a
// variable or a cell.
#pragma once

#include <string>

#include "conform/dataset.hpp"

namespace trialmill::conform {

/// One row, one column for each dataset, named by its domain, holding the file name.
Frame presence_frame(const Data& data);
/// One row a file of the dataset, with its metadata.
Frame dataset_frame(const Dataset& dataset);
/// One row a variable of the guide's table for the dataset; none for a custom domain.
Frame library_frame(const Dataset& dataset, const standards::SdtmIg* ig);
/// One row a variable; `library` adds what the guide says about it.
Frame variable_frame(const Dataset& dataset, const standards::SdtmIg* ig, bool library);
/// One row a file or table as delivered.
Frame delivered_frame(const Data& data);
/// The variable's rows of the table for rules about values: variable_name, variable_value, and the variable's
/// or the dataset's metadata.
Frame value_frame(const Dataset& dataset, const std::string& name, ColumnPtr column, bool with_variables);
/// One row a cell of the dataset, variable after variable.
Frame all_values_frame(const Dataset& dataset, bool with_variables);

}  // namespace trialmill::conform
