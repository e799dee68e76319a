import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/** Reads an archive from standard input, front to back, extracts its entries and prints their names. */
class ReadArchive {
  public static void main(String[] arguments) throws IOException {
    Path folder = Path.of(arguments[0]);
    PrintStream names = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    try (ZipInputStream zip = new ZipInputStream(System.in)) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        names.println(entry.getName());
        Files.copy(zip, folder.resolve(entry.getName()));
      }
    }
  }
}
