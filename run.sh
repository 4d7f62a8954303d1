#!/bin/bash
# Installs what a build needs, builds the gateway and runs it in the foreground until Ctrl-C.
# Words given here go to `omsgateway run`: ./run.sh --log json
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
. service/tools/build/setup.sh

# shellcheck disable=SC2086  # words are packages
oms_install $OMS_BUILD_PACKAGES
oms_build native omsgateway
say "running: build/native/omsgateway run $* (Ctrl-C ends it)"
exec build/native/omsgateway run "$@"
