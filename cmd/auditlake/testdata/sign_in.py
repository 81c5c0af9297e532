"""Signs in with the Trino Python client: sign_in.py HOST PORT USER PASSWORD [CERTIFICATE]. Prints who asks, or why not."""

import sys

import trino

host, port, user, password = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
verify = sys.argv[5] if len(sys.argv) > 5 else True
connection = trino.dbapi.connect(host=host, port=port, user=user, catalog="auditlake", schema="default", http_scheme="https",
                                 auth=trino.auth.BasicAuthentication(user, password), verify=verify, max_attempts=1)
try:
    cursor = connection.cursor()
    cursor.execute("SELECT current_user, count(*) > 0 FROM main")
    who, some = cursor.fetchall()[0]
    print(who, "true" if some else "false")
except Exception as e:
    print("refused:", e)
