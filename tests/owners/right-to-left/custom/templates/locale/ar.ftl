language-name = العربية
start-submit = أرسل لي رمزا
phone-label = رقم الهاتف المحمول في الولايات المتحدة
