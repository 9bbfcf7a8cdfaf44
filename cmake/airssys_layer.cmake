# A layer is a static library, a folder, a namespace and an include root.
#
#   airssys_add_layer(NAME actor DEPENDS core security runtime [COLD] [BOTH_PROFILES] [PRIVATE_LIBRARIES fmt::fmt ...])
#
# makes airssys_<name> from src/*.cpp, and airssys_<name>_test from test/*_test.cpp, which links that layer alone. DEPENDS
# is checked against layers.txt by tools/check/layers.py. Those tests together are the target airssys_layer_tests and the
# ctest label `layer`: what the sanitizers run. COLD: no message passes through it; see airssys_compile_as.cmake. BOTH_PROFILES: see
# airssys_discover_tests.
if(PROJECT_IS_TOP_LEVEL)
  set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
  # The linker of the guests' compiler takes a quarter of the time of the system's for the engine's archive in twenty programs.
  find_program(AIRSSYS_LLD ld.lld PATHS /usr/lib/llvm-22/bin DOC "A faster linker for the development build; empty: the usual one")
  if(AIRSSYS_LLD)
    get_filename_component(lld_folder ${AIRSSYS_LLD} DIRECTORY)
    add_link_options($<$<CONFIG:RelWithDebInfo>:-fuse-ld=lld> $<$<CONFIG:RelWithDebInfo>:-B${lld_folder}>)
  endif()
endif()
add_custom_target(airssys_layer_tests)

# Registers the tests of an executable of GoogleTest.
#
#   airssys_discover_tests(airssys_contract_test contract BOTH_PROFILES ON PROPERTIES LABELS layer)
#
# BOTH_PROFILES ON: once more in the engine's dense profile, under names that begin with `dense.` and with that label alone: the
# same executable, told by its environment (src/runtime/testing/tested_profile.hpp). IN_DENSE: of these only what that filter of
# GoogleTest's lets through, for suites in which most tests have no guest.
function(airssys_discover_tests target prefix)
  cmake_parse_arguments(PARSE_ARGV 2 SUITE "" "BOTH_PROFILES;IN_DENSE" "PROPERTIES")
  gtest_discover_tests(${target} TEST_PREFIX ${prefix}. DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 120 ${SUITE_PROPERTIES})
  if(SUITE_BOTH_PROFILES)
    set(filter)
    if(SUITE_IN_DENSE)
      set(filter TEST_FILTER "${SUITE_IN_DENSE}")
    endif()
    gtest_discover_tests(${target} TEST_PREFIX dense.${prefix}. TEST_LIST ${target}_dense ${filter} DISCOVERY_TIMEOUT 60
      PROPERTIES TIMEOUT 120 LABELS dense ENVIRONMENT AIRSSYS_TESTED_PROFILE=dense)
  endif()
endfunction()

function(airssys_add_layer)
  cmake_parse_arguments(LAYER "COLD;BOTH_PROFILES" "NAME" "DEPENDS;PRIVATE_LIBRARIES;TEST_LIBRARIES" ${ARGN})
  set(target airssys_${LAYER_NAME})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/src/*.cpp)
  add_library(${target} STATIC ${sources})
  add_library(airssys::${LAYER_NAME} ALIAS ${target})
  target_include_directories(${target} PUBLIC ${CMAKE_CURRENT_SOURCE_DIR}/include PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/src)
  if(LAYER_COLD)
    target_link_libraries(${target} PRIVATE airssys_cold_options ${LAYER_PRIVATE_LIBRARIES})
    airssys_compile_as(${target} cold)
  else()
    target_link_libraries(${target} PRIVATE airssys_options ${LAYER_PRIVATE_LIBRARIES})
    airssys_compile_as(${target} library)
  endif()
  foreach(dependency ${LAYER_DEPENDS})
    target_link_libraries(${target} PUBLIC airssys_${dependency})
  endforeach()
  file(GLOB tests CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/test/*_test.cpp)
  if(AIRSSYS_BUILD_TESTS AND tests)
    add_executable(${target}_test ${tests})
    target_include_directories(${target}_test PRIVATE ${CMAKE_CURRENT_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR}/src)
    target_link_libraries(${target}_test PRIVATE ${target} airssys_test_options ${LAYER_PRIVATE_LIBRARIES} ${LAYER_TEST_LIBRARIES}
      GTest::gmock GTest::gtest_main)
    airssys_compile_as(${target}_test test)
    add_dependencies(airssys_layer_tests ${target}_test)
    airssys_discover_tests(${target}_test ${LAYER_NAME} BOTH_PROFILES ${LAYER_BOTH_PROFILES} PROPERTIES LABELS layer)
  endif()
endfunction()
