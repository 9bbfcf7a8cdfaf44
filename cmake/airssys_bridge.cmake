# The Rust bridge as an imported static library, built by cargo through tools/build-bridge (which keeps what it built in a
# user cache, by content). AIRSSYS_BRIDGE_ARCHIVE: an archive made elsewhere.
set(AIRSSYS_BRIDGE_ARCHIVE "" CACHE FILEPATH "A ready libairssys_bridge.a; empty: built by cargo")
set(bridge_folder ${CMAKE_CURRENT_SOURCE_DIR}/bridge)
if(AIRSSYS_BRIDGE_ARCHIVE)
  set(bridge_archive ${AIRSSYS_BRIDGE_ARCHIVE})
  add_custom_target(airssys_bridge_build)
else()
  set(bridge_archive ${CMAKE_CURRENT_BINARY_DIR}/libairssys_bridge.a)
  file(GLOB_RECURSE bridge_sources CONFIGURE_DEPENDS ${bridge_folder}/src/* ${bridge_folder}/include/*)
  add_custom_command(OUTPUT ${bridge_archive}
    COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/tools/build-bridge ${bridge_archive}
    DEPENDS ${bridge_sources} ${bridge_folder}/Cargo.toml ${bridge_folder}/Cargo.lock
    COMMENT "Building the engine bridge with cargo (minutes the first time, cached after)" USES_TERMINAL VERBATIM)
  add_custom_target(airssys_bridge_build DEPENDS ${bridge_archive})
endif()
find_package(Threads REQUIRED)
add_library(airssys_bridge STATIC IMPORTED GLOBAL)
set_target_properties(airssys_bridge PROPERTIES
  IMPORTED_LOCATION ${bridge_archive}
  INTERFACE_INCLUDE_DIRECTORIES ${bridge_folder}/include
  INTERFACE_LINK_LIBRARIES "Threads::Threads;${CMAKE_DL_LIBS};m")
add_dependencies(airssys_bridge airssys_bridge_build)
