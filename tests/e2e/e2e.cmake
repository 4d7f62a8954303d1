# End to end: the real program, natively or under Wine, driven by pytest.
# map_driver plays a service that writes its counters.map.
add_executable(map_driver e2e/map_driver.c ${threads})
target_include_directories(map_driver PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
target_link_libraries(map_driver PRIVATE room_publish)
add_dependencies(tests map_driver)

# Each file is a CTest of its own, so that they run side by side.
file(GLOB files CONFIGURE_DEPENDS RELATIVE ${CMAKE_CURRENT_SOURCE_DIR} e2e/test_*.py)
if(WIN32)
    list(FILTER files EXCLUDE REGEX _linux)
endif()
foreach(file IN LISTS files)
    string(REGEX REPLACE "e2e/test_(.*).py" "e2e_\\1" name ${file})
    oms_pytest(${name} FILES ${file}
        ENVIRONMENT OMSGATEWAY_PROGRAM=$<TARGET_FILE:omsgateway>
            MAP_DRIVER=$<TARGET_FILE:map_driver>
            OMSGATEWAY_EMULATOR=${CMAKE_CROSSCOMPILING_EMULATOR})
    oms_threaded(${name} map_driver)
endforeach()

# The system's own log: event_driver plays a service that writes to it.
add_executable(event_driver e2e/event_driver.c)
target_link_libraries(event_driver PRIVATE room_sink)
add_dependencies(tests event_driver)
if(WIN32)
    oms_pytest(e2e_event_log FILES e2e/event_log_windows.py
        ENVIRONMENT EVENT_DRIVER=$<TARGET_FILE:event_driver>
            OMSGATEWAY_EMULATOR=${CMAKE_CROSSCOMPILING_EMULATOR})
endif()

# What needs a tool or a right that not every machine has.
if(NOT WIN32 AND NOT OMS_SANITIZE)
    foreach(name core names ports terminal user)
        oms_pytest(e2e_${name} FILES e2e/${name}_linux.py
            ENVIRONMENT OMSGATEWAY_PROGRAM=$<TARGET_FILE:omsgateway>)
    endforeach()
    oms_pytest(e2e_journal FILES e2e/journal_linux.py
        ENVIRONMENT EVENT_DRIVER=$<TARGET_FILE:event_driver>)
    oms_pytest(e2e_slow FILES e2e/slow_linux.py
        ENVIRONMENT OMSGATEWAY_PROGRAM=$<TARGET_FILE:omsgateway>)
    foreach(name curl openssl wget git python_urllib python_requests node ruby perl php go java
            socat ncat proxytunnel waagent slowhttptest)
        oms_pytest(e2e_client_${name} FILES e2e/clients_linux.py
            ENVIRONMENT OMSGATEWAY_PROGRAM=$<TARGET_FILE:omsgateway> OMS_CLIENT=${name})
    endforeach()
    foreach(name openssl curl gnutls nss node go java)
        oms_pytest(e2e_tls_client_${name} FILES e2e/tls_clients_linux.py
            ENVIRONMENT OMSGATEWAY_PROGRAM=$<TARGET_FILE:omsgateway> OMS_CLIENT=${name})
    endforeach()
    foreach(name openssl gnutls go)
        oms_pytest(e2e_resumed_${name} FILES e2e/resumed_linux.py
            ENVIRONMENT OMSGATEWAY_PROGRAM=$<TARGET_FILE:omsgateway> OMS_CLIENT=${name})
    endforeach()
    oms_pytest(e2e_browser FILES e2e/browser_linux.py
        ENVIRONMENT OMSGATEWAY_PROGRAM=$<TARGET_FILE:omsgateway>)
    oms_pytest(e2e_scanner FILES e2e/scanner_linux.py TIMEOUT 3600
        ENVIRONMENT OMSGATEWAY_PROGRAM=$<TARGET_FILE:omsgateway>)
    foreach(name haproxy squid tinyproxy)
        oms_pytest(e2e_relay_${name} FILES e2e/relays_linux.py
            ENVIRONMENT OMSGATEWAY_PROGRAM=$<TARGET_FILE:omsgateway> OMS_RELAY=${name})
    endforeach()
endif()

# As a service of Windows: in a session of its own, because what lives there outlives a program. And
# its performance counters.
if(CMAKE_CROSSCOMPILING_EMULATOR)
    add_executable(control_driver e2e/control_driver_windows.c)
    target_link_libraries(control_driver PRIVATE room_base)
    add_dependencies(tests control_driver)
    oms_pytest(e2e_service FILES e2e/service_wine.py
        ENVIRONMENT OMSGATEWAY_PROGRAM=$<TARGET_FILE:omsgateway>
            CONTROL_DRIVER=$<TARGET_FILE:control_driver>
            OMSGATEWAY_EMULATOR=${CMAKE_CROSSCOMPILING_EMULATOR})
    add_executable(perf_driver e2e/perf_driver_windows.c $<TARGET_OBJECTS:program>)
    target_link_libraries(perf_driver PRIVATE room_host)
    target_link_options(perf_driver PRIVATE -municode -Wl,--wrap=__imp_PerfSetCounterSetInfo
        -Wl,--wrap=__imp_PerfDeleteInstance)
    add_dependencies(tests perf_driver)
    oms_pytest(e2e_perf FILES e2e/perf_wine.py
        ENVIRONMENT OMSGATEWAY_PROGRAM=$<TARGET_FILE:perf_driver>
            OMSGATEWAY_EMULATOR=${CMAKE_CROSSCOMPILING_EMULATOR})
    oms_pytest(e2e_edge FILES e2e/edge_wine.py
        ENVIRONMENT OMSGATEWAY_PROGRAM=$<TARGET_FILE:omsgateway>
            OMSGATEWAY_EMULATOR=${CMAKE_CROSSCOMPILING_EMULATOR})
endif()
