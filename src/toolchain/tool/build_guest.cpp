// airssys_build_guest DIR OUTPUT CACHE SOURCE_ROOT: how this project's own build makes a guest. Users have `airssys build`.
#include <cstdio>
#include <cstdlib>

#include "airssys/toolchain/build.hpp"

int main(int count, char** words) {
  if (count != 5) {
    std::fputs("usage: airssys_build_guest DIR OUTPUT CACHE SOURCE_ROOT\n", stderr);
    return 2;
  }
  const auto report =
      airssys::toolchain::build_component(words[1], {.output = words[2], .cache = words[3], .source_root = words[4]});
  if (!report) {
    std::fprintf(stderr, "%s\n", report.error().to_string().c_str());
    return 8;
  }
  std::fputs(report->warnings.c_str(), stderr);
  return EXIT_SUCCESS;
}
