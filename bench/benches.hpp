#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "airssys/core/error.hpp"
#include "report/row.hpp"
#include "world.hpp"

namespace airssys::bench {

/// How a row is measured: one line, or one for each of its references.
struct Bench {
  std::string row;
  std::string counts;  ///< In one line, what is counted.
  std::function<core::Result<std::vector<Row>>(World&)> run;
  std::string needs{};  ///< A program without which it can't be measured. Empty: none.
};

/// In the order of the table.
std::vector<Bench> benches();

std::vector<Bench> hop_benches();
std::vector<Bench> request_benches();
std::vector<Bench> publish_benches();
std::vector<Bench> life_benches();
std::vector<Bench> limits_benches();
std::vector<Bench> native_benches();
std::vector<Bench> memory_benches();
std::vector<Bench> cold_start_benches();
std::vector<Bench> instruction_benches();

}  // namespace airssys::bench
