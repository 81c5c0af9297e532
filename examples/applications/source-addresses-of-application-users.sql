-- Source addresses of application users: How many source addresses each application user has, with the three most frequent user agents.
-- tags: application activity, source addresses
SELECT eventdata.useridentity.principalid AS actor, count(DISTINCT eventdata.sourceipaddress) AS addresses, approx_most_frequent(3, eventdata.useragent, 20) AS programs
FROM applications
GROUP BY 1
ORDER BY addresses DESC, actor
