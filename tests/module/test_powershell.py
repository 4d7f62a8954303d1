"""The cmdlets in a real PowerShell, where one is on the PATH; see golden.ps1.

`test_powershell.py` as a program writes the golden file anew.
"""

import os
import pathlib
import shutil
import subprocess

import pytest
from program import Gateway

HERE = pathlib.Path(__file__).resolve().parent
GOLDEN = HERE.parent / "data" / "golden" / "cmdlets.txt"
pytestmark = pytest.mark.skipif(not shutil.which("pwsh"),
                                reason="the cmdlets were not run: no pwsh is on the PATH")


def run(*words, **options):
    """What pwsh prints; nobody answers its questions."""
    environment = {key: value for key, value in os.environ.items() if key != "OMSGATEWAY_DATA"}
    environment |= {"NO_COLOR": "1", "TERM": "dumb"}
    done = subprocess.run(["pwsh", "-NoProfile", "-NonInteractive", *words], text=True, check=False,
                          capture_output=True, env=environment | options.pop("env", {}),
                          encoding="utf-8", **options)
    assert done.returncode == 0, done.stderr
    return done.stdout


def golden():
    return run("-File", str(HERE / "golden.ps1"), str(GOLDEN),
               os.environ["OMS_MODULE"] + "/OMSGateway.psd1")


def test_the_cmdlets_say_what_the_golden_file_says():
    assert golden().splitlines() == GOLDEN.read_text(encoding="utf-8").splitlines()


def test_import_by_full_path_in_another_spelling(tmp_path):
    """Public scripts write .../PowerShell/OmsGateway/OmsGateway.psd1; Windows folds the case."""
    place = tmp_path / "PowerShell" / "OmsGateway"
    shutil.copytree(os.environ["OMS_MODULE"], place)
    (place / "OMSGateway.psd1").rename(place / "OmsGateway.psd1")
    said = run("-Command", f"Import-Module '{place}/OmsGateway.psd1'; "
                           "(Get-Command -Module OmsGateway).Count; Remove-Module OmsGateway")
    assert said.strip() == "14"


@pytest.mark.parametrize("missing", ["libomsgw.so", "OMSGateway.Interop.dll"])
def test_what_is_missing_is_a_sentence_of_the_first_cmdlet(tmp_path, missing):
    """The import, which shall be quick, has no need of the library yet."""
    place = tmp_path / "OMSGateway"
    shutil.copytree(os.environ["OMS_MODULE"], place)
    (place / missing).unlink()
    said = run("-Command", f"Import-Module '{place}/OMSGateway.psd1' -ErrorAction Stop; "
                           "try { Get-OMSGatewayConfig } catch { \"$_\" }")
    assert "Repair the installation of OMS Gateway." in said and str(place) in said


def test_help_shows_syntax_parameters_and_examples():
    said = run("-Command", f"Import-Module '{os.environ['OMS_MODULE']}/OMSGateway.psd1'; "
                           "foreach ($c in Get-Command -Module OMSGateway) {\n"
                           "$h = Get-Help $c -Full\n"
                           "\"$($c.Name) $(@($h.examples.example).Count) $($h.Synopsis)\" }; "
                           "(Get-Help about_OMSGateway).Length -gt 1000")
    lines = said.strip().splitlines()
    assert len(lines) == 15 and lines[-1] == "True"
    assert all(len(line.split(" ", 2)[2]) > 10 and int(line.split()[1]) >= 2 for line in lines[:-1])


def test_a_tab_completes_names_values_and_what_is_listed(tmp_path):
    said = run("-Command", f"""$env:OMSGATEWAY_DATA = '{tmp_path}'
Import-Module '{os.environ['OMS_MODULE']}/OMSGateway.psd1'
Add-OMSGatewayAllowedHost a.example.com
Add-OMSGatewayAllowedClientCertificate "CN=it's" 3>$null
foreach ($l in 'Get-OMSGatewayConfig Listen', 'Set-OMSGatewayConfig LogLevel ',
    'Remove-OMSGatewayAllowedHost a', 'Remove-OMSGatewayAllowedClientCertificate ') {{
    (TabExpansion2 $l $l.Length).CompletionMatches.CompletionText -join ' '
}}""")
    assert said.split("\n")[:4] == ["ListenAddress ListenPort", "INFO DEBUG WARNING ERROR",
                                    "a.example.com", "'it''s'"]


def test_a_gateway_that_runs_is_seen_and_follows(tmp_path):
    begin = f"""$env:OMSGATEWAY_DATA = '{tmp_path}'
Import-Module '{os.environ['OMS_MODULE']}/OMSGateway.psd1'
"""
    status = """$s = Get-OMSGatewayStatus
"$($s.State) $($s.ProcessId) $($s.Listeners) $($s.Counters.tunnels_open)"
"""
    with Gateway(data=str(tmp_path)) as gateway:
        port = gateway.wait_event(101)["port"]
        said = run("-Command", begin + status + "Add-OMSGatewayAllowedHost a.example.com")
        assert said.splitlines() == [f"running {gateway.process.pid} 127.0.0.1:{port} 0"]
        assert "a.example.com" in gateway.wait_event(100)["text"]
        assert gateway.stop() == 0
    said = run("-Command", begin + status).splitlines()
    assert said[0].startswith("WARNING: the gateway does not run; it was stopped at")
    assert said[1].startswith("stopped ")


def test_who_is_no_administrator_reads_what_to_do(open_folder):
    if os.geteuid() != 0:
        pytest.skip("root alone can become another user")
    data, home = open_folder / "data", open_folder / "home"
    data.mkdir(mode=0o700)
    home.mkdir()
    os.chown(home, 65534, 65534)
    module = shutil.copytree(os.environ["OMS_MODULE"], open_folder / "OMSGateway")
    said = run("-Command", f"""$ErrorActionPreference = 'Stop'
Import-Module '{module}/OMSGateway.psd1'
foreach ($try in {{ Add-OMSGatewayAllowedHost a.example.com }}, {{ Get-OMSGatewayAllowedHost }}) {{
    try {{ & $try }}
    catch {{ "$($_.CategoryInfo.Category): $_ -> $($_.ErrorDetails.RecommendedAction)" }}
}}""", user=65534, group=65534, extra_groups=[], cwd="/",
               env={"HOME": str(home), "OMSGATEWAY_DATA": str(data)})
    assert said.splitlines() == 2 * [
        "PermissionDenied: this user has no right to do that: it takes an administrator "
        f"({data}) -> start pwsh with sudo"]


def test_the_parser_finds_nothing_that_5_1_cannot_read():
    said = run("-Command", f"""$tokens = $null; $errors = $null
$ast = [Management.Automation.Language.Parser]::ParseFile(
    '{os.environ['OMS_MODULE']}/OMSGateway.psm1', [ref]$tokens, [ref]$errors)
$errors.Count
$new = 'TernaryExpressionAst', 'PipelineChainAst', 'TypeDefinitionAst', 'UsingStatementAst'
@($ast.FindAll({{ $new -contains $args[0].GetType().Name }}, $true)).Count
@($tokens | Where-Object {{ "$($_.Kind)" -match 'Question(Dot|LBracket|Question)' }}).Count""")
    assert said.split() == ["0", "0", "0"]


if __name__ == "__main__":
    GOLDEN.write_text(golden(), encoding="utf-8")
