// Every call of the interop assembly once, in the data folder that is named, told as
// "call: code json" a line; then what must not pass. test_library.py reads it.
using System;
using OMSGateway;

public static class Driver
{
    private static void Tell(string call, Answer answer)
    {
        Console.WriteLine(call + ": " + answer.Code + " " + answer.Json.Replace("\n", ""));
    }

    private static void Refused(string call, Action action)
    {
        try {
            action();
            Console.WriteLine(call + ": passed");
        } catch (ArgumentException wrong) {
            Console.WriteLine(call + ": " + wrong.GetType().Name);
        }
    }

    public static void Main(string[] arguments)
    {
        string folder = arguments[0];
        string[] none = new string[0];
        Console.WriteLine("Version: " + Library.Version());
        Tell("SetConfig", Library.SetConfig(folder, new[] {"ListenPort", "8443"}));
        Tell("GetConfig", Library.GetConfig(folder, "listenport"));
        Tell("GetConfigs", Library.GetConfig(folder, null));
        Tell("ResetConfig", Library.ResetConfig(folder, new[] {"ListenPort"}));
        Tell("SetRelay", Library.SetRelay(folder, "http://p.example.com:8080", "\u00fcser", "pass"));
        Tell("GetRelay", Library.GetRelay(folder));
        Tell("ClearRelay", Library.ClearRelay(folder));
        Tell("Add", Library.Add(folder, 0, new[] {"b\u00fccher.example", "a.example"}, "\u20ac"));
        Tell("List", Library.List(folder, 0, true));
        Tell("Check", Library.Check(folder, "a.example", "10.1.2.3", null, new[] {"8.8.8.8"}));
        Tell("CheckNo", Library.Check(folder, "c.example", null, "mycert", none));
        Tell("Remove", Library.Remove(folder, 0, new[] {"a.example"}));
        Tell("AddWrong", Library.Add(folder, 1, new[] {"=x"}, null));
        Tell("History", Library.History(folder));
        Tell("Status", Library.Status(folder));
        Refused("Nul", () => Library.Add(folder, 0, new[] {"a.example\0b.example"}, null));
        Refused("Surrogate", () => Library.Add(folder, 0, new[] {"\ud800"}, null));
        Console.WriteLine("Misused: " + Library.List(folder, 9, false).Code);
    }
}
