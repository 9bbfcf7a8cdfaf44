# How a target is compiled.
#
#   airssys_compile_as(TARGET library|cold|program|test)
#
#   library  a layer through which messages pass
#   cold     a layer at an operator's pace: little optimised, JSON among its precompiled headers
#   program  an executable: with the precompiled headers of a library
#   test     an executable of tests: not optimised, GoogleTest among its precompiled headers
#
# Two things spare a clean build nearly half of its time. What most sources include is parsed once for each kind, not once for
# each source. And the sources of tests and cold layers are compiled four at a time ("unity"): what one of them declares in its
# anonymous namespace, the others see, and a clash is an error that names both.
# No source may rely on either: each includes what it names, and the preset `clang` compiles all of them without. Behind ccache,
# set CCACHE_SLOPPINESS=pch_defines,time_macros; without, it compiles everything anew.
find_package(fmt REQUIRED)
option(AIRSSYS_PRECOMPILED_HEADERS "Precompile the standard library's headers" ${PROJECT_IS_TOP_LEVEL})
option(AIRSSYS_UNITY "Compile the sources of tests and cold layers four at a time" ${PROJECT_IS_TOP_LEVEL})

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

function(airssys_compile_as target kind)
  if(AIRSSYS_UNITY AND kind MATCHES "^(cold|test)$")
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 4)
  endif()
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
