// trialmill trace: where a value comes from.
#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "base/files.hpp"
#include "cli/cli.hpp"
#include "query/trace.hpp"

namespace trialmill::cli {

void add_trace(Tree tree) {
  struct Request {
    query::TraceOptions options;
    bool graph = false;
    std::string svg;
  };
  auto* command =
      tree.app.add_subcommand("trace", "Where a value comes from: rule, variables, delivered records");
  auto request = std::make_shared<Request>();
  command
      ->add_option(
          "VARIABLE", request->options.variable,
          "Dataset and variable: AE.AESTDTC; AE alone: of each of its variables one record that has a value")
      ->required();
  command->add_option("--where", request->options.where,
                      "Which records, as SQL over the dataset; default: the first ones");
  command->add_option("--study", request->options.study, "The study folder")->default_val(".");
  command->add_option("--env", request->options.environment,
                      "Environment of study.yaml; the first one if not given");
  command->add_option("--max", request->options.records_max, "How many records")->capture_default_str();
  command->add_flag("--graph", request->graph, "All that the variable is made from, without data");
  command->add_option("--svg", request->svg, "Write that graph as a picture");
  command->footer(
      "Exit code: 0; 1 if no record fits. docs/trace.md describes --json.\n"
      "Example:\n  trialmill trace AE.AESTDTC --where \"USUBJID = 'S1-01-1001' AND AESEQ = 3\" --study "
      "study/\n"
      "  trialmill trace AE --where \"USUBJID = 'S1-01-1001' AND AESEQ = 3\"\n"
      "  trialmill trace DM.RFSTDTC --svg rfstdtc.svg");
  command->callback([tree, request] {
    tree.chosen = [tree, request] {
      if (request->graph || !request->svg.empty()) {
        const auto graph = query::lineage_graph(request->options.study, request->options.variable,
                                                request->options.environment);
        if (!request->svg.empty()) base::write_file_atomically(request->svg, query::graph_svg(graph));
        if (tree.common.json)
          std::cout << base::dump_json(graph) << "\n";
        else if (!tree.common.quiet)
          query::print_graph(graph, std::cout);
        return 0;
      }
      const auto trace = query::trace(request->options);
      if (tree.common.json)
        std::cout << base::dump_json(trace) << "\n";
      else
        query::print_trace(trace, std::cout);
      return trace["records"].empty() ? 1 : 0;
    };
  });
}

}  // namespace trialmill::cli
