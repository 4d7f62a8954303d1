# How a room becomes a library, how a target says that its room is still empty, and which targets
# there are.
#
#   oms_room(NAME SOURCES a.c b.c [LINUX c_linux.c] [WINDOWS c_windows.c] [NEEDS room...])
#
# makes the static library room_NAME. NEEDS are the rooms it links to: lower floors only, which
# tests/tidy checks on the includes themselves.
function(oms_room name)
    cmake_parse_arguments(PARSE_ARGV 1 room "" "" "SOURCES;LINUX;WINDOWS;NEEDS")
    if(WIN32)
        list(APPEND room_SOURCES ${room_WINDOWS})
    else()
        list(APPEND room_SOURCES ${room_LINUX})
    endif()
    add_library(room_${name} STATIC ${room_SOURCES})
    target_include_directories(room_${name} PUBLIC
        ${CMAKE_SOURCE_DIR}/service ${CMAKE_SOURCE_DIR})
    foreach(need IN LISTS room_NEEDS)
        target_link_libraries(room_${name} PUBLIC room_${need})
    endforeach()
endfunction()

# A target whose room comes later: it says so and succeeds.
function(oms_later target sentence)
    add_custom_target(${target} COMMAND ${CMAKE_COMMAND} -E echo "${target}: ${sentence}" VERBATIM)
endfunction()

# Writes the names of all targets made so far into a file, for tests/tidy.
function(oms_write_targets file)
    oms_collect_targets(${CMAKE_SOURCE_DIR} names)
    list(JOIN names "\n" text)
    file(GENERATE OUTPUT ${file} CONTENT "${text}\n")
endfunction()

function(oms_collect_targets folder names)
    get_property(found DIRECTORY ${folder} PROPERTY BUILDSYSTEM_TARGETS)
    get_property(below DIRECTORY ${folder} PROPERTY SUBDIRECTORIES)
    foreach(child IN LISTS below)
        oms_collect_targets(${child} more)
        list(APPEND found ${more})
    endforeach()
    set(${names} ${found} PARENT_SCOPE)
endfunction()
