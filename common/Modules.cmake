# How a leaf of the tree says what it is. One static library a layer, one executable a main.c.

find_package (PkgConfig REQUIRED)
foreach (pkg libzmq libczmq libprotobuf-c lmdb cmocka libsodium libutf8proc jansson xlsxwriter minizip expat libmicrohttpd)
  string (MAKE_C_IDENTIFIER ${pkg} id)
  if (NOT (pkg STREQUAL "cmocka" AND NOT KC_TESTS))
    pkg_check_modules (${id} REQUIRED IMPORTED_TARGET ${pkg})
  endif ()
endforeach ()

# The flags of everything that is ours.
add_library (kc_flags INTERFACE)
target_compile_options (kc_flags INTERFACE
  -Wall -Wextra -Wshadow -Wconversion -Wswitch-enum -Wstrict-prototypes -Wmissing-prototypes
  -Wpointer-arith -Wformat=2 -Wvla -fno-omit-frame-pointer -fstack-protector-strong
  $<$<BOOL:${KC_WERROR}>:-Werror>)
target_compile_definitions (kc_flags INTERFACE _GNU_SOURCE KC_VERSION="${PROJECT_VERSION}")
target_include_directories (kc_flags INTERFACE ${PROJECT_SOURCE_DIR})
if (KC_SANITIZE)
  string (REPLACE ";" "," sanitizers "${KC_SANITIZE}")
  target_compile_options (kc_flags INTERFACE -fsanitize=${sanitizers} -fno-sanitize-recover=all)
  target_link_options (kc_flags INTERFACE -fsanitize=${sanitizers})
endif ()
if (KC_FUZZ)
  target_compile_options (kc_flags INTERFACE -fsanitize=fuzzer-no-link)
endif ()

# kc_library (NAME SOURCES … LIBS … [PUBLIC_LIBS …])
function (kc_library name)
  cmake_parse_arguments (arg "" "" "SOURCES;LIBS;PUBLIC_LIBS" ${ARGN})
  add_library (${name} STATIC ${arg_SOURCES})
  target_link_libraries (${name} PUBLIC kc_flags ${arg_PUBLIC_LIBS} PRIVATE ${arg_LIBS})
endfunction ()

# kc_program (NAME SOURCES … LIBS …): an executable in bin/, installed
function (kc_program name)
  cmake_parse_arguments (arg "" "" "SOURCES;LIBS" ${ARGN})
  add_executable (${name} ${arg_SOURCES})
  target_link_libraries (${name} PRIVATE kc_flags ${arg_LIBS})
endfunction ()

# What the sanitizers must be told when a test runs; after its own environment is set.
function (kc_test_environment name)
  if (KC_SANITIZE STREQUAL "thread")
    set_property (TEST ${name} APPEND PROPERTY ENVIRONMENT
      "TSAN_OPTIONS=suppressions=${PROJECT_SOURCE_DIR}/tests/support/tsan.supp")
  elseif (KC_SANITIZE)
    # not 1, which is an answer of ours
    set_property (TEST ${name} APPEND PROPERTY ENVIRONMENT
      "ASAN_OPTIONS=detect_leaks=1:exitcode=97"
      "LSAN_OPTIONS=suppressions=${PROJECT_SOURCE_DIR}/tests/support/lsan.supp:print_suppressions=0")
  endif ()
endfunction ()

# kc_test (NAME LABEL label SOURCES … LIBS … [TIMEOUT s]): a cmocka program and its ctest entry
function (kc_test name)
  cmake_parse_arguments (arg "" "LABEL;TIMEOUT" "SOURCES;LIBS" ${ARGN})
  if (NOT arg_TIMEOUT)
    set (arg_TIMEOUT 60)
  endif ()
  add_executable (${name} ${arg_SOURCES})
  set_target_properties (${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  target_link_libraries (${name} PRIVATE kc_flags ${arg_LIBS} PkgConfig::cmocka)
  add_test (NAME ${name} COMMAND ${name})
  set_tests_properties (${name} PROPERTIES LABELS "${arg_LABEL}" TIMEOUT ${arg_TIMEOUT})
  kc_test_environment (${name})
endfunction ()

# kc_fuzz (NAME SOURCES … LIBS …): a fuzz target; its seeds (tests/fuzz/seeds/NAME/) replay as an ordinary test
function (kc_fuzz name)
  cmake_parse_arguments (arg "" "" "SOURCES;LIBS" ${ARGN})
  set (seeds ${PROJECT_SOURCE_DIR}/tests/fuzz/seeds/${name})
  add_executable (${name}_replay ${arg_SOURCES} ${PROJECT_SOURCE_DIR}/tests/fuzz/replay.c)
  set_target_properties (${name}_replay PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  target_link_libraries (${name}_replay PRIVATE kc_flags ${arg_LIBS})
  add_test (NAME ${name}_replay COMMAND ${name}_replay ${seeds})
  set_tests_properties (${name}_replay PROPERTIES LABELS "unit;fuzz" TIMEOUT 60)
  if (KC_FUZZ)
    add_executable (${name} ${arg_SOURCES})
    target_link_libraries (${name} PRIVATE kc_flags ${arg_LIBS} -fsanitize=fuzzer)
  endif ()
endfunction ()
