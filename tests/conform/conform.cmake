# The eight rules of the seam: one program, the same named cases over each backend.
if(WIN32)
    set(OMS_BACKENDS iocp sim)
    set(backends conform/backends_windows.c)
else()
    set(OMS_BACKENDS epoll sim)
    set(backends conform/backends_linux.c)
endif()
add_executable(conform conform/conform.c conform/cases_bytes.c conform/cases_cancel.c
    conform/cases_listen.c conform/cases_misuse.c conform/cases_time.c
    conform/cases_names.c conform/cases_socket.c conform/cases_turn.c conform/backends.c
    conform/backend_sim.c ${backends})
target_include_directories(conform PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
target_link_libraries(conform PRIVATE simulator)
add_dependencies(tests conform)
foreach(backend IN LISTS OMS_BACKENDS)
    oms_test(conform_${backend} COMMAND conform ${backend})
    # Its failed CHECKs leave loops behind on purpose, with what those held.
    set_property(TEST conform_${backend} APPEND PROPERTY ENVIRONMENT ASAN_OPTIONS=detect_leaks=0)
endforeach()
list(GET OMS_BACKENDS 0 backend) # the simulator is one thread
oms_threaded(conform_${backend} conform)
