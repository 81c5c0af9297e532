import java.sql.*;

/** Drives a server with the Trino JDBC driver: java -cp DRIVER.jar JDBC.java URL. */
public class JDBC {
    interface Call { ResultSet run() throws SQLException; }

    /** Prints a name and the rows, two columns of each, of what a call gives. */
    static void print(String name, Call call) throws SQLException {
        StringBuilder out = new StringBuilder(name + ":");
        try (ResultSet r = call.run()) {
            int columns = Math.min(2, r.getMetaData().getColumnCount());
            while (r.next()) {
                for (int i = 1; i <= columns; i++) out.append(i == 1 ? " " : "/").append(r.getString(i));
            }
        }
        System.out.println(out);
    }

    static long count(Connection c) throws SQLException {
        try (ResultSet r = c.createStatement().executeQuery("SELECT count(*) FROM main")) {
            r.next();
            return r.getLong(1);
        }
    }

    public static void main(String[] args) throws SQLException {
        try (Connection c = DriverManager.getConnection(args[0], "ann", null)) {
            DatabaseMetaData d = c.getMetaData();
            System.out.println("product: " + d.getDatabaseProductName() + " " + d.getDatabaseProductVersion());
            print("catalogs", d::getCatalogs);
            print("schemas", () -> d.getSchemas("auditlake", "def%"));
            print("tables", () -> d.getTables(null, "default", "m_in", new String[] {"TABLE"}));
            print("columns", () -> c.createStatement().executeQuery(
                "SELECT column_name, type_name FROM system.jdbc.columns WHERE table_name = 'main' AND column_name IN ('eventtime', 'readonly')"));
            print("found columns", () -> d.getColumns("auditlake", "default", "main", "event_ime"));
            print("table types", d::getTableTypes);
            for (Call empty : new Call[] {
                () -> d.getProcedures(null, null, "%"), () -> d.getProcedureColumns(null, null, "%", "%"), () -> d.getUDTs(null, null, "%", null),
                () -> d.getAttributes(null, null, "%", "%"), () -> d.getSuperTypes(null, null, "%"), () -> d.getSuperTables(null, null, "%"),
                () -> d.getPseudoColumns(null, null, "%", "%"), () -> d.getPrimaryKeys(null, null, "main"), () -> d.getImportedKeys(null, null, "main"),
            }) print("empty", empty);
            try (Connection v = DriverManager.getConnection(args[0] + "?validateConnection=true", "ann", null)) {
                System.out.println("valid: " + v.isValid(10));
                long before = count(v);
                v.setAutoCommit(false);
                boolean same = count(v) == before;
                v.commit();
                same = same && count(v) == before;
                v.rollback();
                v.setAutoCommit(true);
                System.out.println("transaction: " + same + " " + v.getAutoCommit());
                v.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
                v.setAutoCommit(false);
                try {
                    count(v);
                } catch (SQLException e) {
                    System.out.println("refused: " + (e.getErrorCode() == 26 ? "UNSUPPORTED_ISOLATION_LEVEL" : e));
                }
                v.rollback();
            }
            PreparedStatement p = c.prepareStatement("SELECT ?, ? || '!', CAST(? AS varchar)");
            p.setLong(1, 42);
            p.setString(2, "it's");
            p.setTimestamp(3, Timestamp.valueOf("2026-01-31 10:00:00.5"));
            print("prepared", p::executeQuery);
            try {
                print("error", () -> c.createStatement().executeQuery("SELECT nope FROM main"));
            } catch (SQLException e) {
                System.out.println("error: " + e.getMessage().replaceAll(".*: line", "line"));
            }
        }
    }
}
