import java.sql.*;

/** Signs in with the Trino JDBC driver: java -cp DRIVER.jar SignIn.java URL [USER PASSWORD]. Prints who asks, or why not. */
public class SignIn {
    public static void main(String[] args) {
        try (Connection c = args.length == 1 ? DriverManager.getConnection(args[0]) : DriverManager.getConnection(args[0], args[1], args[2]);
             ResultSet r = c.createStatement().executeQuery("SELECT current_user, count(*) > 0 FROM main")) {
            r.next();
            System.out.println(r.getString(1) + " " + r.getBoolean(2));
        } catch (SQLException e) {
            System.out.println("refused: " + e.getMessage());
        }
    }
}
