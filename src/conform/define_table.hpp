// What a Define-XML says about a dataset and its variables, as columns that rules name: define_dataset_label,
// define_variable_ccode and so on.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "conform/dataset.hpp"
#include "formats/define_xml.hpp"

namespace trialmill::conform {

/// The definition of the dataset, by its file's name or its domain. Throws SkipDataset if there is none.
const formats::define::ItemGroupDef& define_group(const formats::define::Document& define,
                                                  const Dataset& dataset);
/// One row a variable of the dataset, in the file's order. Throws SkipDataset if the file does not define the
/// dataset.
Frame define_variables(const formats::define::Document& define, const Dataset& dataset);
/// One row for an entry of a value list: define_vlm_label, define_vlm_data_type and so on.
Frame define_value(const formats::define::Document& define, const formats::define::ItemRef& ref);
/// One row for the dataset itself. Throws SkipDataset if the file does not define it.
Frame define_dataset(const formats::define::Document& define, const Dataset& dataset);
/// One row for every dataset the file defines.
Frame define_datasets(const formats::define::Document& define);

/// Adds the columns of `right` to `left` where their name columns are equal. `outer`: rows of `right` that no
/// row of `left` names are appended.
Frame join_by_name(const Frame& left, const char* left_name, const Frame& right, const char* right_name,
                   bool outer);

}  // namespace trialmill::conform
