// SPDX-License-Identifier: Apache-2.0
using System;
using System.IO;
using System.Text;

/// Lines in and out as UTF-8, whatever the locale says.
static class Terminal
{
    static readonly UTF8Encoding utf8 = new UTF8Encoding(false);

    public static readonly TextReader Input = new StreamReader(Console.OpenStandardInput(), utf8);

    public static readonly TextWriter Output =
        TextWriter.Synchronized(new StreamWriter(Console.OpenStandardOutput(), utf8) { AutoFlush = true });
}
