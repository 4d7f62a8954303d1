# The style law over this tree, and the proof that each of its rules fires.
oms_test(tidy COMMAND ${OMS_PYTHON} -B ${CMAKE_CURRENT_SOURCE_DIR}/tidy/tidy.py
    --root ${CMAKE_SOURCE_DIR} --omsgen $<TARGET_FILE:omsgen>)
oms_test(tidy_rules COMMAND ${OMS_PYTHON} -B -m pytest -q -p no:cacheprovider
    ${CMAKE_CURRENT_SOURCE_DIR}/tidy)

# Floors 0 to 2 must not lean on what only gcc's headers allow.
find_program(OMS_CLANG NAMES clang)
if(OMS_CLANG)
    file(GLOB low_floors CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/service/base/*.c
        ${CMAKE_SOURCE_DIR}/service/settings/*.c ${CMAKE_SOURCE_DIR}/eventlog/event.c)
    oms_test(tidy_ms_compatibility COMMAND ${OMS_CLANG} -fsyntax-only -fms-compatibility -std=c17
        -Wall -Wextra -Werror -I${CMAKE_SOURCE_DIR} -I${CMAKE_SOURCE_DIR}/service ${low_floors})
endif()
