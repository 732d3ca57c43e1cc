# SPDX-License-Identifier: Apache-2.0
# Warnings, language level and Qt's strict mode: one interface target that every target of ours links.

add_library(wireroom_options INTERFACE)
target_compile_features(wireroom_options INTERFACE cxx_std_20)
set_target_properties(wireroom_options PROPERTIES INTERFACE_POSITION_INDEPENDENT_CODE ON)
target_include_directories(wireroom_options INTERFACE "${PROJECT_SOURCE_DIR}")
target_compile_definitions(wireroom_options INTERFACE
    WIREROOM_VERSION="${PROJECT_VERSION}"
    QT_NO_CAST_FROM_ASCII
    QT_NO_CAST_TO_ASCII
    QT_NO_CAST_FROM_BYTEARRAY
    QT_NO_URL_CAST_FROM_STRING
    QT_NO_NARROWING_CONVERSIONS_IN_CONNECT
    QT_NO_FOREACH
    QT_NO_KEYWORDS
    QT_USE_QSTRINGBUILDER
    QT_STRICT_ITERATORS
    QT_DISABLE_DEPRECATED_BEFORE=0x060400)

if(CMAKE_CXX_COMPILER_ID MATCHES "GNU|Clang")
    target_compile_options(wireroom_options INTERFACE
        -Wall -Wextra -Wpedantic -Wnon-virtual-dtor -Woverloaded-virtual -Wold-style-cast
        -Wcast-qual -Wformat=2 -Wimplicit-fallthrough -Wshadow)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        # GCC 12 warns of std::variant's storage in instrumented and in fully optimised code, where there is nothing.
        target_compile_options(wireroom_options INTERFACE -Wno-maybe-uninitialized)
    endif()
    if(WIREROOM_WERROR)
        target_compile_options(wireroom_options INTERFACE -Werror)
    endif()
    if(WIREROOM_SANITIZE)
        target_compile_options(wireroom_options INTERFACE
            -fsanitize=${WIREROOM_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
        target_link_options(wireroom_options INTERFACE -fsanitize=${WIREROOM_SANITIZE})
    endif()
elseif(MSVC)
    target_compile_options(wireroom_options INTERFACE /W4)
    if(WIREROOM_WERROR)
        target_compile_options(wireroom_options INTERFACE /WX)
    endif()
endif()

# wireroom_library(name SOURCES … LINK …): one folder, one static library.
function(wireroom_library name)
    cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
    add_library(${name} STATIC ${ARG_SOURCES})
    target_link_libraries(${name} PUBLIC wireroom_options ${ARG_LINK})
endfunction()

# wireroom_program(name SOURCES … LINK …): one executable, placed in <build>/bin.
function(wireroom_program name)
    cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
    add_executable(${name} ${ARG_SOURCES})
    target_link_libraries(${name} PRIVATE wireroom_options ${ARG_LINK})
    install(TARGETS ${name} RUNTIME)
endfunction()
