// The cmdlet library for .NET: each call of omsgw.h, texts as strings. It adds nothing but the way
// across; what an answer means is the module's business. Windows PowerShell 5.1 and PowerShell 7
// load the same file.
using System;
using System.Runtime.InteropServices;
using System.Text;

// Only beside this file: a library that lies in somebody's current folder is not ours.
[assembly: DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]

namespace OMSGateway
{
    public sealed class Answer
    {
        public int Code;
        public string Json; // null: no memory, or a wrong call
    }

    public static class Library
    {
        private const string Name = "omsgw";

        [DllImport(Name)] private static extern IntPtr omsgw_version();
        [DllImport(Name)] private static extern void omsgw_free(IntPtr answer);
        [DllImport(Name)] private static extern int omsgw_config_get(
            byte[] folder, byte[] name, out IntPtr answer);
        [DllImport(Name)] private static extern int omsgw_config_set(
            byte[] folder, IntPtr[] pairs, UIntPtr count, out IntPtr answer);
        [DllImport(Name)] private static extern int omsgw_config_reset(
            byte[] folder, IntPtr[] names, UIntPtr count, out IntPtr answer);
        [DllImport(Name)] private static extern int omsgw_relay_get(byte[] folder, out IntPtr answer);
        [DllImport(Name)] private static extern int omsgw_relay_set(
            byte[] folder, byte[] url, byte[] username, byte[] password, out IntPtr answer);
        [DllImport(Name)] private static extern int omsgw_relay_clear(
            byte[] folder, out IntPtr answer);
        [DllImport(Name)] private static extern int omsgw_list(
            byte[] folder, int kind, int all, out IntPtr answer);
        [DllImport(Name)] private static extern int omsgw_add(
            byte[] folder, int kind, IntPtr[] values, UIntPtr count, byte[] comment,
            out IntPtr answer);
        [DllImport(Name)] private static extern int omsgw_remove(
            byte[] folder, int kind, IntPtr[] values, UIntPtr count, out IntPtr answer);
        [DllImport(Name)] private static extern int omsgw_check(
            byte[] folder, byte[] host, byte[] client, byte[] subject, IntPtr[] addresses,
            UIntPtr count, out IntPtr answer);
        [DllImport(Name)] private static extern int omsgw_history(byte[] folder, out IntPtr answer);
        [DllImport(Name)] private static extern int omsgw_status(byte[] folder, out IntPtr answer);

        private static readonly Encoding Strict = new UTF8Encoding(false, true);

        private delegate int Call(out IntPtr answer);
        private delegate int CallMany(IntPtr[] at, UIntPtr count, out IntPtr answer);

        // With its NUL; null stays null. The library would take a NUL inside for the end.
        private static byte[] Text(string text)
        {
            if (text == null) {
                return null;
            }
            if (text.IndexOf('\0') >= 0) {
                throw new ArgumentException("a text holds a NUL character");
            }
            return Strict.GetBytes(text + "\0");
        }

        private static string Read(IntPtr at)
        {
            int length = 0;
            while (Marshal.ReadByte(at, length) != 0) {
                length++;
            }
            byte[] bytes = new byte[length];
            Marshal.Copy(at, bytes, 0, length);
            return Strict.GetString(bytes);
        }

        private static Answer Take(Call call)
        {
            IntPtr at;
            Answer answer = new Answer { Code = call(out at) };
            if (at != IntPtr.Zero) {
                try {
                    answer.Json = Read(at);
                } finally {
                    omsgw_free(at);
                }
            }
            return answer;
        }

        // The texts stand still while the library reads them.
        private static Answer TakeMany(string[] texts, CallMany call)
        {
            IntPtr[] at = new IntPtr[texts.Length];
            GCHandle[] held = new GCHandle[texts.Length];
            try {
                for (int i = 0; i < texts.Length; i++) {
                    held[i] = GCHandle.Alloc(Text(texts[i]), GCHandleType.Pinned);
                    at[i] = held[i].AddrOfPinnedObject();
                }
                return Take((out IntPtr answer) =>
                    call(at, new UIntPtr((uint)at.Length), out answer));
            } finally {
                foreach (GCHandle one in held) {
                    if (one.IsAllocated) {
                        one.Free();
                    }
                }
            }
        }

        public static string Version()
        {
            return Read(omsgw_version());
        }

        public static Answer GetConfig(string folder, string name)
        {
            return Take((out IntPtr answer) =>
                omsgw_config_get(Text(folder), Text(name), out answer));
        }

        public static Answer SetConfig(string folder, string[] pairs)
        {
            return TakeMany(pairs, (IntPtr[] at, UIntPtr count, out IntPtr answer) =>
                omsgw_config_set(Text(folder), at, count, out answer));
        }

        public static Answer ResetConfig(string folder, string[] names)
        {
            return TakeMany(names, (IntPtr[] at, UIntPtr count, out IntPtr answer) =>
                omsgw_config_reset(Text(folder), at, count, out answer));
        }

        public static Answer GetRelay(string folder)
        {
            return Take((out IntPtr answer) => omsgw_relay_get(Text(folder), out answer));
        }

        public static Answer SetRelay(string folder, string url, string username, string password)
        {
            byte[] secret = Text(password);
            try {
                return Take((out IntPtr answer) => omsgw_relay_set(
                    Text(folder), Text(url), Text(username), secret, out answer));
            } finally {
                if (secret != null) {
                    Array.Clear(secret, 0, secret.Length);
                }
            }
        }

        public static Answer ClearRelay(string folder)
        {
            return Take((out IntPtr answer) => omsgw_relay_clear(Text(folder), out answer));
        }

        public static Answer List(string folder, int kind, bool all)
        {
            return Take((out IntPtr answer) =>
                omsgw_list(Text(folder), kind, all ? 1 : 0, out answer));
        }

        public static Answer Add(string folder, int kind, string[] values, string comment)
        {
            return TakeMany(values, (IntPtr[] at, UIntPtr count, out IntPtr answer) =>
                omsgw_add(Text(folder), kind, at, count, Text(comment), out answer));
        }

        public static Answer Remove(string folder, int kind, string[] values)
        {
            return TakeMany(values, (IntPtr[] at, UIntPtr count, out IntPtr answer) =>
                omsgw_remove(Text(folder), kind, at, count, out answer));
        }

        public static Answer Check(
            string folder, string host, string client, string subject, string[] addresses)
        {
            return TakeMany(addresses, (IntPtr[] at, UIntPtr count, out IntPtr answer) =>
                omsgw_check(Text(folder), Text(host), Text(client), Text(subject), at, count,
                    out answer));
        }

        public static Answer History(string folder)
        {
            return Take((out IntPtr answer) => omsgw_history(Text(folder), out answer));
        }

        public static Answer Status(string folder)
        {
            return Take((out IntPtr answer) => omsgw_status(Text(folder), out answer));
        }
    }
}
