# RapidCheck comes without a config package: a header and a static library. The target `airssys_rapidcheck`, for tests.
find_path(AIRSSYS_RAPIDCHECK_INCLUDE rapidcheck.h REQUIRED)
find_library(AIRSSYS_RAPIDCHECK_LIBRARY rapidcheck REQUIRED)
mark_as_advanced(AIRSSYS_RAPIDCHECK_INCLUDE AIRSSYS_RAPIDCHECK_LIBRARY)
add_library(airssys_rapidcheck INTERFACE)
target_include_directories(airssys_rapidcheck SYSTEM INTERFACE ${AIRSSYS_RAPIDCHECK_INCLUDE})
target_link_libraries(airssys_rapidcheck INTERFACE ${AIRSSYS_RAPIDCHECK_LIBRARY})
