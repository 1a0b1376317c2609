<%@ page contentType="text/html;charset=UTF-8" %>
<%@ taglib prefix="spring" uri="http://www.springframework.org/tags" %>
<%@ taglib prefix="form" uri="http://www.springframework.org/tags/form" %>
<!DOCTYPE html>
<title>Address</title>
<form:form modelAttribute="order" action="${flowExecutionUrl}">
  <p id="summary"><spring:escapeBody htmlEscape="true">${order.article}</spring:escapeBody></p>
  <form:input path="address"/>
  <button name="_eventId_back">Back</button> <button name="_eventId_next">Next</button>
</form:form>
