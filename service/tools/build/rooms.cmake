# How a room becomes a library, and how a target says that its room is still empty.
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
