# What nearly every source includes, parsed once for each set of options instead of once for each source.
#
#   airssys_precompile(TARGET library|cold|program|test)
#
# has TARGET use the precompiled headers of its kind; the kind says how it is compiled:
#   library  a layer: the standard library and {fmt}
#   cold     a layer through which no message passes: JSON besides
#   program  an executable: with those of a library
#   test     an executable of tests: GoogleTest besides
# No source may rely on it: each includes what it names, and the preset `clang` compiles all of them without. Behind ccache, set
# CCACHE_SLOPPINESS=pch_defines,time_macros; without, it compiles everything anew.
find_package(fmt REQUIRED)
option(AIRSSYS_PRECOMPILED_HEADERS "Precompile the standard library's headers" ${PROJECT_IS_TOP_LEVEL})

# The development build spends its time on what runs: code at an operator's pace is optimised as far as debugging allows, test
# code not at all. The sanitizers' builds (Debug, with -O1) optimise neither. In a Release all code is treated alike.
foreach(kind cold test)
  add_library(airssys_${kind}_options INTERFACE)
  target_link_libraries(airssys_${kind}_options INTERFACE airssys_options)
endforeach()
target_compile_options(airssys_cold_options INTERFACE $<$<CONFIG:RelWithDebInfo>:-Og> $<$<CONFIG:Debug>:-O0>)
target_compile_options(airssys_test_options INTERFACE $<$<CONFIG:RelWithDebInfo,Debug>:-O0>)

set(airssys_precompiled
  <algorithm> <array> <atomic> <cerrno> <charconv> <chrono> <compare> <condition_variable> <cstddef> <cstdint> <cstdlib>
  <cstring> <deque> <exception> <expected> <filesystem> <fstream> <functional> <iosfwd> <iterator> <limits> <map> <memory>
  <mutex> <optional> <ostream> <set> <span> <sstream> <string> <string_view> <system_error> <thread> <tuple> <type_traits>
  <unordered_map> <utility> <variant> <vector> <fmt/format.h>)

function(airssys_add_precompiled kind)
  set(target airssys_precompiled_${kind})
  set(source ${CMAKE_BINARY_DIR}/precompiled/${kind}.cpp)
  file(CONFIGURE OUTPUT ${source} CONTENT "// Empty: what is compiled here are the headers.\n")
  add_library(${target} OBJECT ${source})
  target_link_libraries(${target} PRIVATE fmt::fmt)
  target_precompile_headers(${target} PRIVATE ${airssys_precompiled})
  if(kind STREQUAL cold)
    find_package(nlohmann_json REQUIRED)
    target_link_libraries(${target} PRIVATE airssys_cold_options nlohmann_json::nlohmann_json)
    target_precompile_headers(${target} PRIVATE <nlohmann/json.hpp>)
  elseif(kind STREQUAL test)
    target_link_libraries(${target} PRIVATE airssys_test_options GTest::gmock)
    target_precompile_headers(${target} PRIVATE <gmock/gmock.h> <gtest/gtest.h>)
  else()
    target_link_libraries(${target} PRIVATE airssys_options)
  endif()
  if(kind STREQUAL "test")  # Precompiled headers must be made with the -fPIE of the executables that use them.
    set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
    target_compile_options(${target} PRIVATE ${CMAKE_CXX_COMPILE_OPTIONS_PIE})
  endif()
endfunction()

function(airssys_precompile target kind)
  if(AIRSSYS_PRECOMPILED_HEADERS)
    if(kind STREQUAL "program")
      # A library's are made with -fPIC, and are good only for who is compiled so, too.
      set(kind library)
      set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
      target_compile_options(${target} PRIVATE ${CMAKE_CXX_COMPILE_OPTIONS_PIC})
      target_link_options(${target} PRIVATE -pie)
    endif()
    if(NOT TARGET airssys_precompiled_${kind})
      airssys_add_precompiled(${kind})
    endif()
    target_precompile_headers(${target} REUSE_FROM airssys_precompiled_${kind})
    # Used with the definitions it was made with, also by who does not link {fmt}.
    target_compile_definitions(${target} PRIVATE $<TARGET_PROPERTY:fmt::fmt,INTERFACE_COMPILE_DEFINITIONS>)
  endif()
endfunction()
