# The inspector against a second reader in Python, openssl and tshark: the tests ask tls_driver.
# What comes from Debian's packages is skipped where those are not installed.
add_executable(tls_driver transcripts/tls_driver.c)
target_link_libraries(tls_driver PRIVATE room_tls)
add_dependencies(tests tls_driver)
foreach(talks own go testssl vectors tshark)
    oms_pytest(transcripts_${talks} FILES transcripts/test_${talks}.py
        ENVIRONMENT "TLS_DRIVER=${CMAKE_CROSSCOMPILING_EMULATOR} $<TARGET_FILE:tls_driver>")
endforeach()
