#include "study/side_by_side.hpp"

#include "base/workers.hpp"

namespace trialmill::study {

void side_by_side(Context& context, std::size_t tasks,
                  const std::function<void(Context& own, std::size_t number)>& task) {
  const bool two = tasks > 1 && context.session.count("SELECT current_setting('threads')::BIGINT") == 1;
  if (!two) {
    for (std::size_t number = 0; number < tasks; ++number) task(context, number);
    return;
  }
  table::Session session = context.session.beside();
  Context other{context.study, context.layout, session, context.findings, {}};
  base::run_workers(
      2, tasks, [&](std::size_t worker, std::size_t number) { task(worker == 0 ? context : other, number); });
}

}  // namespace trialmill::study
