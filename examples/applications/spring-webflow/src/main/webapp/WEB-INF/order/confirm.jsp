<%@ page contentType="text/html;charset=UTF-8" %>
<%@ taglib prefix="spring" uri="http://www.springframework.org/tags" %>
<%@ taglib prefix="form" uri="http://www.springframework.org/tags/form" %>
<!DOCTYPE html>
<title>Confirm</title>
<form:form modelAttribute="order" action="${flowExecutionUrl}">
  <p id="summary"><spring:escapeBody htmlEscape="true">${order.article} to ${order.address}</spring:escapeBody></p>
  <button name="_eventId_back">Back</button> <button name="_eventId_send">Send</button>
</form:form>
