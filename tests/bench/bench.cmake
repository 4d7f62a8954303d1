# What is measured, not tested: built with everything else so that it cannot rot, run by hand.
add_executable(bench_relay bench/bench_relay.c sim/half.c sim/party.c)
target_include_directories(bench_relay PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
target_compile_definitions(bench_relay PRIVATE
    BENCH_BACKEND=&io_$<IF:$<BOOL:${WIN32}>,iocp,epoll>)
target_link_libraries(bench_relay PRIVATE room_io)
add_dependencies(tests bench_relay)

add_executable(bench_decide bench/bench_decide.c)
target_link_libraries(bench_decide PRIVATE room_policy)
add_dependencies(tests bench_decide)

add_executable(bench_tls bench/bench_tls.c)
target_link_libraries(bench_tls PRIVATE room_gateway)
add_dependencies(tests bench_tls)
if(NOT WIN32)
    add_executable(bench_load_linux
        bench/bench_load_linux.c bench/load_end_linux.c bench/load_script.c)
    target_include_directories(bench_load_linux PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
    target_link_libraries(bench_load_linux PRIVATE room_base)
    add_dependencies(tests bench_load_linux)

    add_executable(bench_events_linux bench/bench_events_linux.c)
    target_link_libraries(bench_events_linux PRIVATE room_sinks)
    add_dependencies(tests bench_events_linux)
endif()
