<%@ page contentType="text/html;charset=UTF-8" %>
<%@ taglib prefix="spring" uri="http://www.springframework.org/tags" %>
<%@ taglib prefix="form" uri="http://www.springframework.org/tags/form" %>
<!DOCTYPE html>
<title>Article</title>
<form:form modelAttribute="order" action="${flowExecutionUrl}">
  <form:input path="article"/> <button name="_eventId_next">Next</button>
</form:form>
