# Every system call fails once. The linker puts the test's own functions in front of the system's.
if(NOT WIN32)
    set(wrapped accept4 bind close connect epoll_create1 epoll_ctl epoll_wait eventfd getsockname
        getsockopt listen read recv send setsockopt shutdown socket write)
    add_executable(fault_epoll fault/fault_epoll_linux.c)
    list(TRANSFORM wrapped PREPEND "-Wl,--wrap=" OUTPUT_VARIABLE options)
    target_link_options(fault_epoll PRIVATE ${options})
    target_link_libraries(fault_epoll PRIVATE room_io)
    add_dependencies(tests fault_epoll)
    oms_test(fault_epoll COMMAND fault_epoll)
endif()
