"""The PowerShell module as text: what it exports, documents, shows and accepts, without PowerShell.

A small reader of the subset in which OMSGateway.psm1 is written: functions at column 0, one block
of help at their head, one param block. What the cmdlets do is shown by golden.ps1, where pwsh is.
"""

import ctypes
import json
import os
import pathlib
import re
import xml.etree.ElementTree

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
MODULE = pathlib.Path(os.environ["OMS_MODULE"])
TEXT = (MODULE / "OMSGateway.psm1").read_text(encoding="utf-8")
MANIFEST = (MODULE / "OMSGateway.psd1").read_text(encoding="utf-8")
GOLDEN = (ROOT / "tests/data/golden/cmdlets.txt").read_text(encoding="utf-8")
FUNCTIONS = dict(re.findall(r"^function ([\w-]+)(.*?)^}", TEXT, re.MULTILINE | re.DOTALL))
CMDLETS = {name: body for name, body in FUNCTIONS.items() if "OMSGateway" in name}
SWITCHES = {"WhatIf", "Confirm"}

# The product's cmdlets: their parameters, an alias behind the slash, and the position of the first.
PRODUCT = {
    "Get-OMSGatewayConfig": (["Name/Key"], 0),
    "Set-OMSGatewayConfig": (["Name/Key", "Value"], 0),
    "Get-OMSGatewayRelayProxy": ([], None),
    "Set-OMSGatewayRelayProxy": (["Address", "Username", "Password"], 0),
    "Add-OMSGatewayAllowedHost": (["HostName/Host"], 0),
    "Remove-OMSGatewayAllowedHost": (["HostName/Host"], 0),
    "Get-OMSGatewayAllowedHost": ([], None),
    "Add-OMSGatewayAllowedClientCertificate": (["Subject"], 0),
    "Remove-OMSGatewayAllowedClientCertificate": (["Subject"], 0),
    "Get-OMSGatewayAllowedClientCertificate": ([], None),
}
OURS = {"Reset-OMSGatewayConfig", "Get-OMSGatewayStatus", "Test-OMSGatewayAccess",
        "Get-OMSGatewayHistory"}
# As the product's documentation and public scripts have them.
DOCUMENTED = """Get-OMSGatewayConfig
Get-OMSGatewayConfig -Name ListenPort
Set-OMSGatewayConfig -Name ListenPort -Value 8080
Get-OMSGatewayRelayProxy
Set-OMSGatewayRelayProxy -Address http://www.myproxy.com:8080 -Username user1 -Password 123
Set-OMSGatewayRelayProxy -Address http://www.myproxy.com:8080
Set-OMSGatewayRelayProxy -Address ""
Add-OMSGatewayAllowedHost -Host www.test.com
Add-OMSGatewayAllowedHost we-jobruntimedata-prod-su1.azure-automation.net
Remove-OMSGatewayAllowedHost -Host www.test.com
Get-OMSGatewayAllowedHost
Add-OMSGatewayAllowedClientCertificate -Subject mycert
Remove-OMSGatewayAllowedClientCertificate -Subject mycert
Get-OMSGatewayAllowedClientCertificate""".splitlines()


def help_of(body):
    """The help's parts: [(word, argument, text)]."""
    comment = re.search(r"<#(.*?)#>", body, re.DOTALL)[1]
    parts = re.split(r"^\s*\.([A-Z]+)[ ]*(.*)$", comment, flags=re.MULTILINE)
    return list(zip(parts[1::3], parts[2::3], (text.strip() for text in parts[3::3])))


def parameters_of(body):
    """{name: what stands before it} of the param block."""
    block = re.search(r"^    param\((.*?)\)\n    (?=[a-z$])|^    param\((.*?)\)$", body,
                      re.MULTILINE | re.DOTALL)
    text = re.sub(r"^\s*#.*$", "", block[1] or block[2] or "", flags=re.MULTILINE)
    found, before = {}, ""
    for piece in re.split(r"(\$\w+)(?=\s*(?:,|=|$))", text):
        if re.fullmatch(r"\$\w+", piece) and piece not in ("$true", "$false"):
            found[piece[1:]] = before
            before = ""
        else:
            before += piece
    return found


def exported():
    block = re.search(r"FunctionsToExport\s*=\s*@\((.*?)\)", MANIFEST, re.DOTALL)[1]
    return re.findall(r"'([\w-]+)'", block)


def test_exports_are_the_functions_and_those_of_the_product():
    assert sorted(exported()) == sorted(CMDLETS) == sorted(set(PRODUCT) | OURS)
    assert len(exported()) == len(set(exported()))


def test_the_manifest_names_what_lies_in_the_folder():
    files = {name.replace("\\", "/") for name in re.findall(
        r"'([^']+)'", re.search(r"FileList\s*=\s*@\((.*?)\)", MANIFEST, re.DOTALL)[1])}
    assert files == {str(path.relative_to(MODULE)) for path in MODULE.rglob("*") if path.is_file()}
    version = re.search(r"ModuleVersion\s*=\s*'([\d.]+)'", MANIFEST)[1]
    assert f"VERSION {version} " in (ROOT / "CMakeLists.txt").read_text()
    assert "PowerShellVersion    = '5.1'" in MANIFEST


@pytest.mark.parametrize("name", sorted(PRODUCT))
def test_parameters_are_those_of_the_product(name):
    wanted, position = PRODUCT[name]
    found = parameters_of(CMDLETS[name])
    for number, each in enumerate(wanted):
        parameter, _, alias = each.partition("/")
        assert parameter in found
        assert not alias or f"[Alias('{alias}')]" in found[parameter]
        if number == 0:
            assert f"Position = {position}" in found[parameter]
    if name.startswith(("Add-", "Set-", "Remove-")):
        assert "Force" in found and "SupportsShouldProcess = $true" in CMDLETS[name]
        assert "ConfirmImpact = 'Medium'" in CMDLETS[name], "High would ask in public scripts"
        assert "Get-Preference" in CMDLETS[name]


@pytest.mark.parametrize("name", sorted(CMDLETS))
def test_help_is_complete(name):
    parts = help_of(CMDLETS[name])
    words = [word for word, _, _ in parts]
    for word in ("SYNOPSIS", "DESCRIPTION", "EXAMPLE", "INPUTS", "OUTPUTS", "LINK"):
        assert word in words, word
    documented = [argument for word, argument, _ in parts if word == "PARAMETER"]
    found = set(parameters_of(CMDLETS[name]))
    if "SupportsShouldProcess" in CMDLETS[name]:
        found |= SWITCHES
    assert sorted(documented) == sorted(found)
    assert all(text for _, argument, text in parts if not argument)
    links = [text for word, _, text in parts if word == "LINK"]
    assert all(link in CMDLETS or link == "about_OMSGateway" for link in links)
    for _, _, text in (part for part in parts if part[0] == "EXAMPLE"):
        code, _, words_about = text.partition("\n")
        assert name in code, "an example shows its own cmdlet"
        assert len(words_about.split()) >= 3, "and says what it does"


def test_every_example_is_run_by_the_golden_script():
    run = set(re.findall(r"^PS> (.*)$", GOLDEN, re.MULTILINE))
    examples = [text.split("\n")[0].strip() for body in CMDLETS.values()
                for word, _, text in help_of(body) if word == "EXAMPLE"]
    about = (MODULE / "en-US/about_OMSGateway.help.txt").read_text(encoding="utf-8")
    examples += [line.strip() for line in about.splitlines()
                 if re.match(r" {8}\w+-OMSGateway", line)]
    missing = [line for line in examples + DOCUMENTED if line not in run]
    assert not missing
    assert len(run) >= 100 + len(set(examples))


def test_every_object_has_its_view():
    types = set(re.findall(r"PSTypeName = 'OMSGateway\.(\w+)'", TEXT))
    types |= set(re.findall(r"Get-Rule \$PSCmdlet \$\w+ '(\w+)'", TEXT))
    document = xml.etree.ElementTree.parse(MODULE / "OMSGateway.format.ps1xml")
    views = [view.text for view in document.iter("TypeName")]
    assert sorted(views) == sorted(f"OMSGateway.{name}" for name in types)
    for view in document.iter("View"):
        kind = view.find("ViewSelectedBy/TypeName").text.split(".")[1]
        shown = [each.text for each in view.iter("PropertyName")]
        if kind.startswith("Allowed"):
            known = {re.search(rf"'{kind}' '(\w+)'", TEXT)[1], "Origin", "Comment"}
        else:
            body = re.search(rf"PSTypeName = 'OMSGateway\.{kind}'\n(.*?)^ *}}$", TEXT,
                             re.MULTILINE | re.DOTALL)[1]
            known = set(re.findall(r"(\w+) = ", body))
        assert set(shown) <= known
        headers = list(view.iter("TableColumnHeader"))
        assert not headers or len(headers) == len(shown)


def test_settings_are_those_of_the_table():
    """The names that the cmdlets complete come from the library, which has settings.def."""
    library = ctypes.CDLL(os.environ["OMSGW"])
    answer = ctypes.c_char_p()
    assert library.omsgw_config_get(b"/nowhere/at/all", None, ctypes.byref(answer)) == 0
    rows = json.loads(answer.value)["result"]
    table = (ROOT / "service/settings/settings.def").read_text()
    assert [row["name"] for row in rows] == sorted(re.findall(r"^SETTING\((\w+),", table,
                                                              re.MULTILINE))
    shown = re.search(r"^PS> Get-OMSGatewayConfig\n(.*?)^\| \.\.\.$", GOLDEN,
                      re.MULTILINE | re.DOTALL)[1]
    shown = [line for line in shown.splitlines() if line.startswith("| ")]
    assert len(shown) > 10
    assert shown == [f"| Name={row['name']} Value={row['value']}" for row in rows[:len(shown)]]
    for row in rows:
        assert row["description"] and row["accepted"] and row["value"] == row["default"]


def test_sentences_are_translated_into_our_cmdlets():
    """Every command of the command line that may stand in a sentence has its cmdlet."""
    pairs = dict(re.findall(r"@\('([\w ]+)', [\"']([\w-]+)", TEXT))
    assert set(pairs.values()) <= set(CMDLETS)
    commands = set(re.findall(r'^COMMAND\(\w+, "([\w ]+)"',
                              (ROOT / "service/host/cli/commands.def").read_text(), re.MULTILINE))
    assert set(pairs) <= commands
    families = {command.split()[0] for command in pairs}
    assert {command for command in commands if command.split()[0] in families} == set(pairs)


@pytest.mark.parametrize("pattern, what", [
    (r"\?\?", "null-coalescing"), (r"\?\.", "null-conditional"), (r"&&|\|\|", "pipeline chains"),
    (r"^[^#\n]* \? [^\n]* : ", "ternary"), (r"-Parallel\b|-AsHashtable\b", "parameters of 7"),
    (r"^\s*(class|enum|using) ", "classes"),
    (r"\$IsWindows|\$IsLinux|\$IsCoreCLR", "variables of 7"),
    (r"clean\s*{", "clean blocks"), (r"[^\x00-\x7F]", "what 5.1 reads in another code page"),
    (r"Read-Host|PromptForChoice", "questions"),
])
def test_windows_powershell_5_1_reads_it(pattern, what):
    plain = re.sub(r"<#.*?#>", "", TEXT, flags=re.DOTALL)
    assert not re.search(pattern, plain, re.MULTILINE), what
    assert not re.search(r"[^\x00-\x7F]", MANIFEST)
