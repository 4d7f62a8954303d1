# Puts the test's own functions in front of the system's.
function(oms_wrap target)
    list(TRANSFORM ARGN PREPEND "-Wl,--wrap=" OUTPUT_VARIABLE options)
    target_link_options(${target} PRIVATE ${options})
endfunction()

# Every system call of the loop fails once.
if(NOT WIN32)
    add_executable(fault_epoll fault/fault_epoll_linux.c)
    oms_wrap(fault_epoll accept4 bind close connect epoll_create1 epoll_ctl epoll_wait eventfd
        getsockname getsockopt listen read recv send setsockopt shutdown socket write)
    target_link_libraries(fault_epoll PRIVATE room_io)
    add_dependencies(tests fault_epoll)
    oms_test(fault_epoll COMMAND fault_epoll)
endif()

# Full disks and broken lines, for what is written beside the store.
if(NOT WIN32)
    add_executable(fault_sink_access fault/fault_sink_access_linux.c $<TARGET_OBJECTS:unit_frame>)
    target_include_directories(fault_sink_access PRIVATE
        ${CMAKE_CURRENT_SOURCE_DIR} ${CMOCKA_INCLUDE})
    oms_wrap(fault_sink_access write posix_fallocate)
    target_link_libraries(fault_sink_access PRIVATE room_sink room_publish ${CMOCKA_LIBRARY})
    add_dependencies(tests fault_sink_access)
    oms_test(fault_sink_access COMMAND ${OMS_SCRATCH} $<TARGET_FILE:fault_sink_access>)
endif()

# The store's troubles: calls that fail, programs that are killed, bytes that are wrong, eight
# writers at once. The amounts are those of tier.sh; of allocations and bytes every so many-th is
# tried, of killed programs and changes so many. Under the sanitizers less.
function(oms_fault_store name)
    cmake_parse_arguments(PARSE_ARGV 1 fault "" "" "AMOUNTS;SOURCES")
    add_executable(${name} fault/${name}.c ${fault_SOURCES} ${store_world})
    target_include_directories(${name} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR} ${CMOCKA_INCLUDE})
    target_link_libraries(${name} PRIVATE room_store ${CMOCKA_LIBRARY})
    add_dependencies(tests ${name})
    if(fault_AMOUNTS)
        set(tiers ${OMS_TIERS} ${fault_AMOUNTS})
    endif()
    oms_test(${name} COMMAND ${OMS_SCRATCH} ${tiers} ${CMAKE_CROSSCOMPILING_EMULATOR}
        $<TARGET_FILE:${name}> TIMEOUT 3600)
endfunction()

if(WIN32)
    set(store_crew fault/fault_store_crew_windows.c)
    oms_fault_store(fault_store_kill AMOUNTS 20 100 100
        SOURCES ${store_crew} fault/fault_store_vfs.c)
    oms_fault_store(fault_store_many AMOUNTS 100 100 100 SOURCES ${store_crew})
else()
    set(store_crew fault/fault_store_crew_linux.c)
    set(less ${OMS_SANITIZED})
    oms_fault_store(fault_store AMOUNTS 997 $<IF:${less},997,61> $<IF:${less},61,1>
        SOURCES fault/fault_store_vfs.c)
    oms_fault_store(fault_store_flip AMOUNTS 97 $<IF:${less},997,13> $<IF:${less},13,1>)
    if(NOT OMS_SANITIZE) # whoever is killed does not hear what a sanitizer has found
        oms_fault_store(fault_store_kill AMOUNTS 20 100 200
            SOURCES ${store_crew} fault/fault_store_vfs.c)
    endif()
    oms_fault_store(fault_store_many AMOUNTS 200 1000 1000 SOURCES ${store_crew})
    oms_fault_store(fault_store_files_linux)
    oms_wrap(fault_store_files_linux open read write fsync close stat mkdir mkstemp fchown rename
        link unlink flock calloc)
endif()

# The cmdlet library stands on the store; here its parts are linked in, so that they can be wrapped.
oms_fault_store(fault_omsgw AMOUNTS $<IF:$<BOOL:${WIN32}>,997,1> $<IF:$<BOOL:${WIN32}>,97,1> 1
    SOURCES ${store_crew} unit/omsgw_calls.c)
target_link_libraries(fault_omsgw PRIVATE room_omsgw)
oms_wrap(fault_omsgw malloc calloc realloc)

# Eight of the many writers are the program itself.
set_property(TEST fault_store_many APPEND PROPERTY
    ENVIRONMENT OMSGATEWAY_PROGRAM=$<TARGET_FILE:omsgateway>)
