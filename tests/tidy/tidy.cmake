# The style law over this tree, and the proof that each of its rules fires. What needs a program
# that may be missing is a test of its own, so that it alone is skipped.
set(tidy ${OMS_PYTHON} -B ${CMAKE_CURRENT_SOURCE_DIR}/tidy/tidy.py --root ${CMAKE_SOURCE_DIR})
oms_test(tidy COMMAND ${tidy} --omsgen $<TARGET_FILE:omsgen>
    --targets ${CMAKE_BINARY_DIR}/targets.txt --but format)
oms_test(tidy_format COMMAND ${tidy} format)
oms_pytest(tidy_rules FILES tidy/test_source.py tidy/test_tidy.py)
oms_pytest(tidy_format_rule FILES tidy/test_format.py)

# Floors 0 to 2 must not lean on what only gcc's headers allow; and all must pass clang's warnings.
find_program(OMS_CLANG NAMES clang)
if(OMS_CLANG)
    set(low_floors eventlog/[aefl]*.c perfcounters/counter.c)
    foreach(room base crypto http policy settings tls)
        list(APPEND low_floors service/${room}/*.c)
    endforeach()
    list(TRANSFORM low_floors PREPEND ${CMAKE_SOURCE_DIR}/)
    file(GLOB low_floors CONFIGURE_DEPENDS ${low_floors})
    oms_test(tidy_ms_compatibility COMMAND ${OMS_CLANG} -fsyntax-only -fms-compatibility -std=c17
        -Wall -Wextra -Werror -DOMSGATEWAY_VERSION="" -I${CMAKE_SOURCE_DIR}
        -I${CMAKE_SOURCE_DIR}/service ${low_floors})
    oms_test(tidy_clang COMMAND ${OMS_PYTHON} -B ${CMAKE_CURRENT_SOURCE_DIR}/tidy/clang.py
        ${OMS_CLANG} ${CMAKE_BINARY_DIR}/compile_commands.json)
else()
    foreach(name ms_compatibility clang)
        oms_test(tidy_${name} COMMAND sh -c "echo 'SKIPPED clang is not here'; exit 77")
    endforeach()
endif()

# The figures alone: how long functions are, how full each room is.
add_custom_target(figures COMMAND ${tidy} --figures VERBATIM)
