-- From how many addresses and with which programs each person worked in applications.
SELECT eventdata.useridentity.principalid AS actor, count(DISTINCT eventdata.sourceipaddress) AS addresses, approx_most_frequent(3, eventdata.useragent, 20) AS programs
FROM applications
GROUP BY 1
ORDER BY addresses DESC, actor
