// What define.xml says of the study, its standards and documents.
#include "base/version.hpp"
#include "publish/define_build.hpp"

namespace trialmill::publish {

namespace define = formats::define;

namespace {

define::Standard standard(const std::string& oid, const std::string& name, const std::string& type,
                          const std::string& set, const std::string& version) {
  return {oid, name, type, set, version, "Final", ""};
}

}  // namespace

void DefineBuilder::header(define::Document& doc) {
  const study::Study& study = input_.study;
  doc.define_version = v21_ ? "2.1.0" : "2.0.0";
  doc.file_oid = "DEFINE." + study.id;
  doc.context = input_.submission ? "Submission" : "Other";
  doc.creation_time = input_.created;
  doc.source_system = "Trialmill";
  doc.source_system_version = base::program_version;
  doc.study_oid = "STDY." + study.id;
  doc.study_name = doc.protocol_name = study.id;
  doc.study_description = study.title.empty() ? study.id : study.title;
  doc.oid = "MDV." + study.id + ".SDTMIG." + study.sdtmig;
  doc.name = "Study " + study.id + ", SDTM datasets";
  doc.description = "Datasets of study " + study.id + " as SDTMIG " + study.sdtmig + " lays them out";
  doc.standards = {standard(guide_oid, v21_ ? "SDTMIG" : "SDTM-IG", "IG", "", study.sdtmig),
                   standard(terminology_oid, "CDISC/NCI", "CT", "SDTM", study.ct)};
  add_documents(doc);
}

void DefineBuilder::add_documents(define::Document& doc) {
  for (const study::SubmissionDocument& one : input_.study.documents) {
    const std::string id = "LF." + oid_part(one.file.stem().string());
    doc.leaves.push_back({id, one.file.filename().string(), one.title});
    (one.kind == "annotated-crf" ? doc.annotated_crf : doc.supplemental_documents).push_back({id, {}});
  }
}

}  // namespace trialmill::publish
